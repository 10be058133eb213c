import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleResults, fixedRates } from '../estimates/slice.fixture.ts'
import { renderHtml } from './html.ts'
import {
  axeFindings,
  browserAbsent,
  coloursOfCanvases,
  openReport,
  overflow,
  type ReportBrowser,
  showEveryPanel,
} from './report-browser.fixture.ts'

describe.skipIf(browserAbsent)('the HTML report in Chromium', () => {
  let report: ReportBrowser

  beforeAll(async () => {
    const example = exampleResults({ doubtfulShare: 0.1 })
    const [first] = example.plan.variants
    // Whatever a results file holds must be shown as text, never run or obeyed.
    const hostile = '</script><img src="http://203.0.113.1/x"><script>alert(1)</script>'
    const results = {
      ...example,
      run: { ...example.run, commandLine: `authcost run ${hostile}` },
      plan: {
        ...example.plan,
        variants: example.plan.variants.map((variant) =>
          variant === first ? { ...variant, label: `${variant.label} <b>` } : variant,
        ),
      },
      warnings: [
        { code: 'example', severity: 'high' as const, message: `Example: ${hostile}`, remedy: 'None.' },
        { code: 'example', severity: 'low' as const, message: 'A lesser one.', remedy: 'None either.' },
      ],
    }
    report = await openReport((script, style) => renderHtml(results, script, style))
  })

  afterAll(async () => {
    await report?.close()
  })

  const visit: ReportBrowser['visit'] = (width, scheme) => report.visit(width, scheme)

  for (const scheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      it(`draws every chart, silently and without network, at ${width} px in ${scheme}`, async () => {
        const { page, said, asked } = await visit(width, scheme)
        await showEveryPanel(page)
        const colours = await coloursOfCanvases(page)
        expect(colours.length).toBeGreaterThanOrEqual(14)
        expect(Math.min(...colours)).toBeGreaterThan(5)
        expect(said).toEqual([])
        expect(asked).toEqual([])
        await page.close()
      })

      it(`never scrolls sideways at ${width} px in ${scheme}, whichever panel is shown`, async () => {
        const { page } = await visit(width, scheme)
        expect(await overflow(page)).toBe(0)
        for (const summary of await page.locator('summary').all()) {
          if (await summary.isVisible()) await summary.click()
        }
        for (const label of await page.locator('.switch label').all()) {
          await label.click()
          expect(await overflow(page)).toBe(0)
        }
        await page.close()
      })
    }

    it(`has no violations that axe-core finds in ${scheme}, with everything opened`, async () => {
      const { page, said } = await visit(1280, scheme)
      await page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true')
      const { violations, passes } = await axeFindings(page)
      expect(violations).toEqual([])
      // That it looked at all.
      expect(passes).toBeGreaterThan(20)
      expect(said).toEqual([])
      await page.close()
    })
  }

  it('shows markup of a results file as text', async () => {
    const { page, said, asked } = await visit(1280, 'light')
    expect(await page.locator('#method').textContent()).toContain('</script><img src=')
    expect(await page.locator('img').count()).toBe(0)
    expect(said).toEqual([])
    expect(asked).toEqual([])
    await page.close()
  })

  it('prints all panels on pages of A4, redrawn in light colours, and returns to the screen as it was', async () => {
    const { page, said } = await visit(360, 'dark')
    const before = await page.evaluate<number>('document.querySelector("canvas").width')
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    expect(pdf.length).toBeGreaterThan(50_000)
    expect(await page.evaluate<number>('document.querySelector("canvas").width')).toBe(before)
    expect(said).toEqual([])

    // A4 less the margins of the style sheet.
    await page.setViewportSize({ width: 688, height: 900 })
    await page.emulateMedia({ media: 'print' })
    expect(await overflow(page)).toBe(0)
    const rights = await page.evaluate<number[]>(
      `[...document.querySelectorAll('canvas')].map((canvas) => canvas.getBoundingClientRect().right)`,
    )
    // A hidden canvas ends at 0: on paper every panel is shown.
    expect(Math.min(...rights)).toBeGreaterThan(300)
    expect(Math.max(...rights)).toBeLessThanOrEqual(688)
    const tables = await page.evaluate<number[]>(
      `[...document.querySelectorAll('table')].map((table) => table.getBoundingClientRect().right)`,
    )
    expect(Math.max(...tables)).toBeLessThanOrEqual(688)
    expect(await page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')).toBe(
      'rgb(255, 255, 255)',
    )
    await page.close()
  })

  it('draws a panel when it is chosen, and what was drawn stays', async () => {
    const { page } = await visit(1280, 'light')
    const [shown, others] = ['#percentiles .panel:not(.off) canvas', '#percentiles .panel.off canvas']
    expect(await page.locator(shown).count()).toBe(1)
    expect(await page.locator(others).count()).toBe(0)
    await page.locator('#percentiles .switch label').last().click()
    expect(await page.locator(shown).count()).toBe(1)
    expect(await page.locator(others).count()).toBe(1)
    expect(Math.min(...(await coloursOfCanvases(page)))).toBeGreaterThan(5)
    await page.close()
  })

  it('hides a variant at its key and shows it again', async () => {
    const { page } = await visit(1280, 'light')
    const key = page.locator('#percentiles .panel:not(.off) .legend button', { hasText: 'Session' })
    const picture = (): Promise<string> =>
      page.evaluate<string>(`document.querySelector('#percentiles canvas').toDataURL()`)
    const whole = await picture()
    await key.click()
    expect(await key.getAttribute('aria-pressed')).toBe('false')
    expect(await picture()).not.toBe(whole)
    await key.click()
    expect(await picture()).toBe(whole)
    await page.close()
  })

  it('sorts and narrows the table of all estimates', async () => {
    const { page } = await visit(1280, 'light')
    await page.locator('.all-estimates > summary').click()
    await page.getByLabel('Words').fill('session cost p99')
    const status = await page.locator('.all-estimates [role=status]').textContent()
    expect(status).toMatch(/^\d+ of \d+ estimates$/)
    const rows = await page.locator('.all-estimates tbody tr').allTextContents()
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.every((row) => row.includes('Session') && row.includes('cost') && row.includes('p99'))).toBe(true)
    await page.getByRole('button', { name: 'Variant' }).click()
    const names = await page.locator('.all-estimates tbody th').allTextContents()
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })))
    await page.close()
  })
})

describe.skipIf(browserAbsent)('the HTML report of three rates', () => {
  it('opens its figures at the rate that the headline tells', async () => {
    const loads = fixedRates(1200, 3100, 4900)
    const results = exampleResults({ restarts: 4, rounds: 2, otherRounds: 2, loads })
    const report = await openReport((script, style) => renderHtml(results, script, style))
    try {
      const { page } = await report.visit(1280, 'light')
      for (const figure of ['#cost', '#percentiles']) {
        expect(await page.locator(`${figure} .panel:not(.off) .panel-name`).allTextContents()).toEqual([
          'fixed rate, 3,100 req/s',
        ])
        expect(await page.locator(`${figure} .switch input:checked + label`).textContent()).toBe(
          'fixed rate, 3,100 req/s',
        )
      }
    } finally {
      await report.close()
    }
  })
})
