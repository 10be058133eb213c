import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { estimate } from '../estimates/estimate.ts'
import { exampleSweep } from '../estimates/tuning/pool-sweep.fixture.ts'
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

describe.skipIf(browserAbsent)('the HTML report of a tuning with 22 variants at 5 numbers of connections', () => {
  let report: ReportBrowser

  beforeAll(async () => {
    const sweep = exampleSweep({
      pools: [1, 2, 3, 5, 10, 20],
      connections: [1, 4, 16, 64, 256],
      delaysUs: [0, 500, 2000],
    })
    const results = { ...sweep, ...estimate(sweep) }
    report = await openReport((script, style) => renderHtml(results, script, style))
  })

  afterAll(async () => {
    await report?.close()
  })

  for (const [width, scheme] of [
    [1280, 'light'],
    [360, 'dark'],
  ] as const) {
    it(`draws every chart, silently, without network and without scrolling sideways, at ${width} px in ${scheme}`, async () => {
      const { page, said, asked } = await report.visit(width, scheme)
      await showEveryPanel(page)
      const colours = await coloursOfCanvases(page)
      // Waits at 3 distances, 18 fits, a cost by distance for each number of connections, and what any run has.
      expect(colours.length).toBeGreaterThanOrEqual(40)
      expect(Math.min(...colours)).toBeGreaterThan(5)
      expect(await overflow(page)).toBe(0)
      for (const label of await page.locator('.switch label').all()) await label.click()
      for (const list of await page.locator('.switch select').all()) await list.selectOption({ index: 5 })
      for (const summary of await page.locator('summary').all()) {
        if (await summary.isVisible()) await summary.click()
      }
      expect(await overflow(page)).toBe(0)
      expect(said).toEqual([])
      expect(asked).toEqual([])
      await page.close()
    })

    it(`has no violations that axe-core finds in ${scheme}, heat maps included`, async () => {
      const { page } = await report.visit(width, scheme)
      const { violations, passes } = await axeFindings(page)
      expect(violations).toEqual([])
      expect(passes).toBeGreaterThan(20)
      await page.close()
    })
  }

  it('has no table that is wider than its place at 1280 px', async () => {
    const { page } = await report.visit(1280, 'light')
    for (const summary of await page.locator('details.comparison > summary').all()) await summary.click()
    const wide = await page.evaluate<string[]>(
      `[...document.querySelectorAll('.comparison .scroll')]
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map((frame) => frame.getAttribute('aria-label'))`,
    )
    expect(wide).toEqual([])
    await page.close()
  })

  it('shows heat maps as tables whose colours differ, and marks the recommended pools in words', async () => {
    const { page } = await report.visit(1280, 'light')
    const cells = page.locator('#pools .panel:not(.off) td:not(.absent)')
    // 6 pools x 5 numbers of connections, throughput and p95.
    expect(await cells.count()).toBe(2 * 30)
    const colours = await page.evaluate<string[]>(
      `[...document.querySelectorAll('#pools td')].map((cell) => getComputedStyle(cell).backgroundColor)`,
    )
    expect(new Set(colours).size).toBeGreaterThan(3)
    const recommended = await page.locator('#pools .panel:not(.off) .recommended').allTextContents()
    expect(recommended.length).toBeGreaterThan(0)
    expect(recommended.every((text) => text.includes('recommended'))).toBe(true)
    await page.close()
  })

  it('begins with eight of the many lines, and draws another at a press on its key', async () => {
    const { page } = await report.visit(1280, 'light')
    const panel = '#percentiles .panel:not(.off)'
    expect(await page.locator(`${panel} .legend button[aria-pressed=true]`).count()).toBe(8)
    const picture = (): Promise<string> =>
      page.evaluate<string>(`document.querySelector('#percentiles canvas').toDataURL()`)
    const before = await picture()
    await page.locator(`${panel} .legend button[aria-pressed=false]`).first().click()
    expect(await picture()).not.toBe(before)
    expect(await page.locator(`${panel} .keys .note`).textContent()).toContain('9 of 22')
    await page.close()
  })

  it('moves from fit to fit by the keyboard', async () => {
    const { page } = await report.visit(1280, 'light')
    const list = page.locator('#scalability select')
    const shown = page.locator('#scalability .panel:not(.off) .panel-name')
    const first = await shown.textContent()
    await list.focus()
    await page.keyboard.press('ArrowDown')
    expect(await shown.textContent()).toMatch(/^Session, pool \d+, /)
    expect(await shown.textContent()).not.toBe(first)
    await page.close()
  })

  it('keeps further tables and the table of all estimates closed until they are asked for', async () => {
    const { page } = await report.visit(1280, 'light')
    expect(await page.locator('#tables details.comparison').count()).toBe(4)
    expect(await page.locator('#tables details.comparison table').first().isVisible()).toBe(false)
    await page.locator('#tables details.comparison > summary').first().click()
    expect(await page.locator('#tables details.comparison table').first().isVisible()).toBe(true)
    expect(await page.locator('.all-estimates tbody tr').count()).toBe(0)
    await page.locator('.all-estimates > summary').click()
    await page.locator('.all-estimates tbody tr').first().waitFor()
    await page.close()
  })

  it('prints one panel of a figure that has many, and all of one that has few', async () => {
    const { page } = await report.visit(688, 'light')
    await page.emulateMedia({ media: 'print' })
    const printed = (figure: string): Promise<number> => page.locator(`${figure} .panel:visible`).count()
    expect(await printed('#pools')).toBe(3)
    expect(await printed('#scalability')).toBe(1)
    expect(await overflow(page)).toBe(0)
    await page.close()
  })
})
