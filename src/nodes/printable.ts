const MOST_LENGTH = 128

/** A word of a node's for people and evidence: one line, bounded, and nothing that steers a terminal. Null for none. */
export function printable(text: string | undefined): string | null {
  if (text === undefined) return null
  const plain = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim()
  return plain === '' ? null : plain.slice(0, MOST_LENGTH)
}
