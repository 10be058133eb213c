import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { chromium, type Page } from 'playwright-core'

const executablePath = '/usr/bin/chromium'
const required = (process.env.AUTHCOST_REQUIRE ?? '').split(',').includes('chromium')

/** Whether the tests of the report in a browser must be left out. */
export const browserAbsent = !existsSync(executablePath) && !required
if (browserAbsent) console.log(`skipped: the report in Chromium (${executablePath} is not there)`)

/** Everything that the page said or asked for; both must stay empty. */
export interface Visit {
  readonly page: Page
  readonly said: string[]
  readonly asked: string[]
}

/** A report in a real Chromium. */
export interface ReportBrowser {
  visit(width: number, colorScheme: 'light' | 'dark'): Promise<Visit>
  close(): Promise<void>
}

/**
 * Bundles the page as the build does, has it rendered into a file of its own, and starts Chromium.
 *
 * @param render the page's script and style to HTML
 */
export async function openReport(render: (script: string, style: string) => string): Promise<ReportBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'authcost-report-'))
  const source = fileURLToPath(new URL('./page/', import.meta.url))
  const bundle = await build({
    entryPoints: [join(source, 'main.ts')],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    write: false,
  })
  const file = join(folder, 'index.html')
  const style = await readFile(join(source, 'page.css'), 'utf8')
  await writeFile(file, render(bundle.outputFiles[0]?.text ?? '', style))
  const url = pathToFileURL(file).href
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-gpu',
    ],
  })
  return {
    async visit(width, colorScheme) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
      const said: string[] = []
      const asked: string[] = []
      page.on('console', (message) => said.push(message.text()))
      page.on('pageerror', (error) => said.push(String(error)))
      page.on('dialog', (dialog) => {
        said.push(`dialog: ${dialog.message()}`)
        dialog.dismiss().catch(() => undefined)
      })
      page.on('request', (request) => {
        if (request.url() !== url) asked.push(request.url())
      })
      await page.goto(url)
      return { page, said, asked }
    },
    async close() {
      await browser.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Shows every panel once, since a panel is drawn when it is first chosen, and then the first ones again. */
export const showEveryPanel = (page: Page): Promise<void> =>
  page.evaluate(`for (const choice of document.querySelectorAll('.switch')) {
    for (const radio of choice.querySelectorAll('input')) radio.click()
    choice.querySelector('input')?.click()
    for (const list of choice.querySelectorAll('select')) {
      for (const { value } of [...list.options, list.options[0]]) {
        list.value = value
        list.dispatchEvent(new Event('change'))
      }
    }
  }`)

/** How many colours each canvas shows: a blank one has a single one. */
export const coloursOfCanvases = (page: Page): Promise<number[]> =>
  page.evaluate<number[]>(`[...document.querySelectorAll('canvas')].map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return new Set(new Uint32Array(data.buffer)).size
  })`)

/** CSS pixels by which the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')

/** What axe-core finds of the page, and how much it looked at. */
export async function axeFindings(page: Page): Promise<{ violations: string[]; passes: number }> {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  // Through the protocol: the page's own policy forbids a script that is not its own.
  await page.evaluate(axe)
  return page.evaluate(`axe.run(document).then(({ violations, passes }) => ({
    violations: violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')),
    passes: passes.length,
  }))`)
}
