import { expect, it } from 'vitest'
import { html } from './html.ts'

it('escapes values and leaves markup made by itself', () => {
  const name = `<img src=x onerror="alert('1')">&`
  expect(html`<p title="${name}">${html`<b>${name}</b>`}</p>`.text).toBe(
    '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;"><b>&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;</b></p>',
  )
})
