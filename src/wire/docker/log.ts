/** Stream, three zeros, length (Docker Engine API, "Attach to a container"). */
const PADDING = '\0\0\0'
const LENGTH_BYTES = 4

/**
 * The lines of a container's log, both streams in one, out of `GET /containers/ID/logs`. Without a terminal the engine puts
 * 8 bytes before each piece; in what was decoded as text, lengths from 128 on are not what they were, so they are taken off
 * and not trusted. Pure, and throws on no input.
 */
export function decodeContainerLog(body: string): readonly string[] {
  const pieces: string[] = []
  let start = 0
  for (;;) {
    const padding = body.indexOf(PADDING, start)
    if (padding < 0) break
    pieces.push(body.slice(start, Math.max(start, padding - 1)))
    start = padding + PADDING.length + LENGTH_BYTES
  }
  return logLines([...pieces, body.slice(start)].join('\n'))
}

/** Lines of text without colours and control characters; empty ones are left out. */
export function logLines(text: string): readonly string[] {
  return text
    .split(/[\r\n]+/)
    .map((line) =>
      line
        .replace(/\p{Cc}\[[0-9;]*m/gu, '')
        .replace(/[\p{Cc}\ufffd]+/gu, '')
        .trim(),
    )
    .filter((line) => line !== '')
}
