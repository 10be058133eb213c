import { createHash } from 'node:crypto'
import type { Results } from '../record/run.ts'
import { project } from './projection.ts'
import type { ReportData } from './report-data.ts'

/** JSON that can stand inside a script element and in JavaScript: no `<`, no line separators. */
export const inlineJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`

/** A script must not hold its own end tag, nor `<!--` (HTML, "restrictions for contents of script elements"). */
const inlineScript = (script: string): string => script.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '\\x3C!--')

/**
 * The report as one file that needs nothing else: no network, works from `file://`, runs only the script whose hash
 * stands in its Content-Security-Policy.
 *
 * @param pageScript the bundled page (an IIFE), see page-assets.ts
 * @param pageStyle its CSS
 */
export const renderHtml = (results: Results, pageScript: string, pageStyle: string): string =>
  renderPage(project(results), pageScript, pageStyle)

/** The same from data already projected. */
export function renderPage(data: ReportData, pageScript: string, pageStyle: string): string {
  const script = inlineScript(pageScript)
  const style = pageStyle.replaceAll('</', '<\\/')
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(data.title)}</title>
<style>${style}</style>
</head>
<body>
<noscript><p>This report draws itself with a script of its own. The same figures stand in summary.md and results.csv beside it.</p></noscript>
<div id="report"></div>
<script type="application/json" id="report-data">${inlineJson(data)}</script>
<script>${script}</script>
</body>
</html>
`
}
