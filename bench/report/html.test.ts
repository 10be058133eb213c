import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { exampleResults } from '../estimates/slice.fixture.ts'
import { inlineJson, renderHtml } from './html.ts'

const base = exampleResults({ restarts: 4, rounds: 2 })
const sha = (text: string): string => createHash('sha256').update(text).digest('base64')

describe('inlineJson', () => {
  it('holds no character that could end a script element or a line of JavaScript, and reads back the same', () => {
    const value = { a: '</script><!--', b: '\u2028\u2029' }
    const text = inlineJson(value)
    expect(text).not.toMatch(/[<\u2028\u2029]/)
    expect(JSON.parse(text)).toEqual(value)
  })
})

describe('renderHtml', () => {
  it('allows only the script and the style it holds, by their hashes', () => {
    const html = renderHtml(base, 'start("</script>")', 'body { color: red }')
    const script = /<script>([\s\S]*?)<\/script>/.exec(html)?.[1] ?? ''
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? ''
    expect(script).toBe('start("<\\/script>")')
    expect(html).toContain(`script-src 'sha256-${sha(script)}'`)
    expect(html).toContain(`style-src 'sha256-${sha(style)}'`)
    expect(html).toContain("default-src 'none'")
  })

  it('shows no markup of the results anywhere', () => {
    const hostile = '</script></title><img src=x onerror=alert(1)>'
    const html = renderHtml({ ...base, run: { ...base.run, id: hostile, commandLine: hostile } }, '', '')
    expect(html).not.toContain('<img')
    expect(html.match(/<\/script>/g)).toHaveLength(2)
  })

  it('leaves the histograms of slices out: the page gets curves and points', () => {
    const html = renderHtml(base, '', '')
    const [slice] = base.slices
    expect(html).not.toContain(slice?.latency.data ?? '')
    expect(html.length).toBeLessThan(JSON.stringify(base).length)
  })
})
