import type { Results } from '../record/run.ts'
import { renderCsv } from './csv.ts'
import { renderHtml } from './html.ts'
import { renderMarkdown } from './markdown.ts'
import { readPageAssets } from './page-assets.ts'

/** Draws everything a run's folder holds besides the record, through `write(name, text)`. */
export async function writeReport(results: Results, write: (name: string, text: string) => void): Promise<void> {
  const { script, style } = await readPageAssets()
  write('results.json', `${JSON.stringify(results)}\n`)
  write('results.csv', renderCsv(results))
  write('summary.md', renderMarkdown(results))
  write('index.html', renderHtml(results, script, style))
}
