/**
 * Holds datagrams back: what arrives on `inPort` of `address` leaves for `outPort` of `target` after `delayMs` and jitter.
 * `node delay-line.js '{"address":...,"target":...,"lines":[...]}'`. Started by the lab, ended by it.
 */
import { createSocket } from 'node:dgram'
import { performance } from 'node:perf_hooks'
import type { DelayTask } from './delay-task.ts'

/** Frames in one queue; a real line drops too when its buffer is full. */
const MOST_WAITING = 10_000

const task = JSON.parse(process.argv[2] ?? '{}') as DelayTask

for (const { inPort, outPort, delayMs, jitterMs, reorderPercent } of task.lines) {
  const waiting: { readonly frame: Buffer; readonly dueMs: number }[] = []
  const socket = createSocket({
    type: 'udp4',
    // The lookup of a literal address would otherwise cost a turn of the event loop for each frame.
    lookup: (host, _, done) => done(null, host, 4),
    recvBufferSize: 4_000_000,
  })
  const release = () => {
    while (waiting.length > 0 && waiting[0]!.dueMs <= performance.now() + 0.5) {
      socket.send(waiting.shift()!.frame, outPort, task.target)
    }
    timer = waiting.length > 0 ? setTimeout(release, waiting[0]!.dueMs - performance.now()) : undefined
  }
  let timer: NodeJS.Timeout | undefined
  let lastDueMs = 0
  socket.on('message', (frame) => {
    if (waiting.length >= MOST_WAITING) return
    const soonestMs = performance.now() + delayMs
    const overtakes = jitterMs === 0 || Math.random() * 100 < reorderPercent
    const dueMs = overtakes ? soonestMs : Math.max(lastDueMs, soonestMs + Math.random() * jitterMs)
    if (!overtakes) lastDueMs = dueMs
    const place = waiting.findLastIndex((other) => other.dueMs <= dueMs) + 1
    waiting.splice(place, 0, { frame, dueMs })
    if (place > 0) return
    clearTimeout(timer)
    timer = setTimeout(release, dueMs - performance.now())
  })
  socket.bind(inPort, task.address)
}
