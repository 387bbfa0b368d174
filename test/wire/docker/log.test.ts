import { expect, test } from 'vitest'
import { decodeContainerLog, logLines } from '../../../src/wire/docker/log.ts'

/** As the engine sends it (Docker 20.10): stream, three zeros, four bytes of length, and the piece. */
function piece(stream: 1 | 2, text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text)
  const head = [stream, 0, 0, 0, 0, 0, bytes.length >> 8, bytes.length & 255]
  return Uint8Array.of(...head, ...bytes)
}

test.each([
  ['both streams', [piece(1, 'one\n'), piece(2, 'two\n')], ['one', 'two']],
  ['a piece of 10 bytes, whose length is a newline', [piece(1, '123456789\n')], ['123456789']],
  ['a piece of 200 bytes, whose length is no text', [piece(2, `${'x'.repeat(199)}\n`)], ['x'.repeat(199)]],
  ['a piece of 256 bytes', [piece(1, `${'y'.repeat(255)}\n`), piece(1, 'end\n')], ['y'.repeat(255), 'end']],
  ['colours', [piece(1, '\u001b[2m2024\u001b[0m (\u001b[1;37m40\u001b[0m peers)\n')], ['2024 (40 peers)']],
])('%s', (_, pieces, lines) => {
  const body = new TextDecoder().decode(Uint8Array.from(pieces.flatMap((one) => [...one])))
  expect(decodeContainerLog(body)).toEqual(lines)
})

test('with a terminal nothing stands before the lines', () => {
  expect(decodeContainerLog('one\r\n\u001b[32mtwo\u001b[0m\r\n')).toEqual(['one', 'two'])
})

test('nothing, and nothing but padding', () => {
  expect(decodeContainerLog('')).toEqual([])
  expect(decodeContainerLog('\0\0\0\0\0\0\0\0')).toEqual([])
  expect(logLines(' \t\n')).toEqual([])
})
