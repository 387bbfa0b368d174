/**
 * An element of HTML or SVG as plain data: one drawing for the file, which is written, and for the page, which makes elements of
 * it. There are no style attributes in it, nor scripts: the page's security policy would refuse them.
 */
export interface Markup {
  readonly tag: string
  readonly attributes: Attributes
  readonly children: readonly Child[]
}

/** `false` and `null`: the attribute is left out. `true`: it has no value. */
export type Attributes = Readonly<Record<string, string | number | boolean | null>>
export type Child = Markup | string

/** Null among the children is nothing. */
export function el(tag: string, attributes: Attributes = {}, ...children: readonly (Child | null)[]): Markup {
  return { tag, attributes, children: children.filter((child) => child !== null) }
}

const VOID = new Set(['meta', 'br', 'hr', 'link'])

/** As HTML text; whatever stands in attributes and text is escaped. */
export function renderMarkup(child: Child): string {
  if (typeof child === 'string') return escapeHtml(child)
  const { tag, attributes, children } = child
  const open = `<${tag}${Object.entries(attributes).map(renderAttribute).join('')}>`
  return VOID.has(tag) ? open : `${open}${children.map(renderMarkup).join('')}</${tag}>`
}

function renderAttribute([name, value]: readonly [string, Attributes[string]]): string {
  if (value === false || value === null) return ''
  return value === true ? ` ${name}` : ` ${name}="${escapeHtml(String(value))}"`
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
