export type Child = Node | string | undefined

/**
 * Makes an element. Strings become text nodes, never markup: whatever a results file holds is shown as written.
 *
 * @param attributes set as attributes; the CSP of the page forbids `style` and `on…` ones
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  for (const child of children) if (child !== undefined) made.append(child)
  return made
}

const svgNamespace = 'http://www.w3.org/2000/svg'

/** The same for SVG, used for the keys of legends. */
export function svg(
  tag: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Node[]
): SVGElement {
  const made = document.createElementNS(svgNamespace, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}
