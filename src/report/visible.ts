const LONGEST = 1000

/**
 * Makes text that came from the network or the system harmless to show: control characters (terminal escapes), format
 * characters (bidirectional overrides, zero width), line separators, stray combining marks, private and unassigned code
 * points become `\x1b` or `\u{202e}`. At most 1000 characters; the rest is cut and marked.
 */
export function visible(text: string): string {
  const shown = text
    .slice(0, LONGEST * 2)
    .normalize('NFC')
    .replace(/[\p{C}\p{M}\p{Zl}\p{Zp}]/gu, escaped)
  const characters = [...shown]
  return characters.length <= LONGEST ? shown : `${characters.slice(0, LONGEST).join('')}…`
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!
  const hex = code.toString(16)
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`
}
