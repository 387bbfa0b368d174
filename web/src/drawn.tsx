import { type ComponentChild, h } from 'preact'
import type { Child } from '../../src/report/html/markup.ts'

/** What `report/html` draws, as elements of this page. */
export function Drawn({ of }: { readonly of: Child | null | readonly (Child | null)[] }) {
  return <>{Array.isArray(of) ? of.map(toElement) : toElement(of as Child | null)}</>
}

function toElement(child: Child | null): ComponentChild {
  if (child === null || typeof child === 'string') return child
  return h(child.tag, child.attributes as Record<string, string>, ...child.children.map(toElement))
}
