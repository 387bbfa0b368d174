import type { MessageParams, MessageValue } from './message.ts'

/** What a template needs of its language. */
export interface TemplateRules {
  /** Is this number grammatically singular? English: 1. French: 0, 1 and what lies between. */
  readonly singular: (count: number) => boolean
  /** How a parameter's value is shown. */
  readonly show: (name: string, value: MessageValue) => string
}

/**
 * Fills a sentence of the catalogue.
 *
 * - `{name}` is a parameter's value.
 * - `{count#hop|hops}` is the form that goes with the number `count`.
 * - `[first|second|...]` is the first alternative whose parameters are all given and not empty, or nothing. No nesting.
 * - `{?name}` shows nothing; it only asks, inside an alternative, whether `name` is given.
 *
 * One pass: braces and brackets inside values mean nothing. A missing parameter outside brackets is shown as `?`.
 */
export function fillTemplate(template: string, params: MessageParams, rules: TemplateRules): string {
  return template.replace(/\[([^\]]*)\]|\{([^}]*)\}/g, (_, group: string | undefined, field: string) =>
    group === undefined ? fillField(field, params, rules) : fillGroup(group, params, rules),
  )
}

function fillGroup(group: string, params: MessageParams, rules: TemplateRules): string {
  // A bar inside braces belongs to a plural, not to the alternatives.
  const alternatives = group.split(/\|(?![^{]*\})/)
  const chosen = alternatives.find((alternative) => fieldNames(alternative).every((name) => given(params, name)))
  return chosen === undefined
    ? ''
    : chosen.replace(/\{([^}]*)\}/g, (_, field: string) => fillField(field, params, rules))
}

function given(params: MessageParams, name: string): boolean {
  return Object.hasOwn(params, name) && params[name] !== ''
}

function fieldNames(template: string): string[] {
  return [...template.matchAll(/\{\??([^}#]*)/g)].map((match) => match[1]!)
}

function fillField(field: string, params: MessageParams, rules: TemplateRules): string {
  if (field.startsWith('?')) return ''
  const [name, forms] = field.split('#') as [string, string | undefined]
  const value = Object.hasOwn(params, name) ? params[name] : undefined
  if (value === undefined) return '?'
  if (forms === undefined) return rules.show(name, value)
  const [one, many] = forms.split('|')
  return (rules.singular(Number(value)) ? one : many) ?? ''
}
