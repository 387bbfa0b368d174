import { expect, test } from 'vitest'
import { progressLine } from '../../src/cli/progress-line.ts'
import { memoryIo } from './memory-io.ts'

const CLEAR = '\r\x1b[2K'

test('shows what is being asked, as long as any of it is', () => {
  const io = memoryIo({ terminal: true })
  const line = progressLine(io, 'en')
  line.update({ step: 'mapping', state: 'started' })
  line.update({ step: 'dial-back', state: 'started' })
  line.update({ step: 'dial-back', state: 'started' })
  line.update({ step: 'dial-back', state: 'finished' })
  line.update({ step: 'mapping', state: 'finished' })
  line.clear()
  line.update({ step: 'late', state: 'started' })
  expect(io.written).toEqual({
    stdout: '',
    stderr: [
      'address translation',
      ...new Array(3).fill('address translation, dials from outside'),
      'dials from outside',
    ]
      .map((steps) => `${CLEAR}peerway: ${steps}`)
      .concat(CLEAR)
      .join(''),
  })
})

test('says how long it will still take, where that is known', () => {
  const io = memoryIo({ terminal: true })
  const line = progressLine(io, 'en')
  line.update({ step: 'idle-flows', state: 'started' })
  line.update({ step: 'idle-flows', state: 'running', leftSeconds: 120 })
  expect(io.written.stderr.split(CLEAR).at(-1)).toBe('peerway: how long idle flows last (120 s left)')
})

test('speaks the language of the report', () => {
  const io = memoryIo({ terminal: true })
  const line = progressLine(io, 'fr')
  line.update({ step: 'idle-flows', state: 'started' })
  line.update({ step: 'idle-flows', state: 'running', leftSeconds: 120 })
  expect(io.written.stderr.split(CLEAR).at(-1)).toBe('peerway: durée des flux au repos (encore 120 s)')
})

test('never wraps', () => {
  const io = memoryIo({ terminal: true })
  progressLine(io, 'en').update({ step: 'x'.repeat(200), state: 'started' })
  expect(io.written.stderr.length).toBe(CLEAR.length + 79)
})

test.each([[{ terminal: false }], [{ terminal: true, env: { TERM: 'dumb' } }]])('is silent under %j', (options) => {
  const io = memoryIo(options)
  const line = progressLine(io, 'en')
  line.update({ step: 'mapping', state: 'started' })
  line.clear()
  expect(io.written.stderr).toBe('')
})
