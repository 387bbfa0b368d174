const CODES = { bold: '1', dim: '2', red: '1;31', green: '32', yellow: '33' } as const

export type Style = keyof typeof CODES

/** Puts text in a style, or leaves it as it is where colour is not wanted. */
export type Paint = (style: Style, text: string) => string

export function painter(color: boolean): Paint {
  return (style, text) => (color && text !== '' ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text)
}
