/**
 * Holds datagrams back: what arrives on `inPort` of `address` leaves for `outPort` of `target` after `delayMs`.
 * `node delay-line.js '{"address":...,"target":...,"lines":[...]}'`. Started by the lab, ended by it.
 */
import { createSocket } from 'node:dgram'
import { performance } from 'node:perf_hooks'
import type { DelayTask } from './delay-task.ts'

/** Frames in one queue; a real line drops too when its buffer is full. */
const MOST_WAITING = 10_000

const task = JSON.parse(process.argv[2] ?? '{}') as DelayTask

for (const { inPort, outPort, delayMs } of task.lines) {
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
    if (waiting.length > 0) setTimeout(release, waiting[0]!.dueMs - performance.now())
  }
  socket.on('message', (frame) => {
    if (waiting.length >= MOST_WAITING) return
    waiting.push({ frame, dueMs: performance.now() + delayMs })
    if (waiting.length === 1) setTimeout(release, delayMs)
  })
  socket.bind(inPort, task.address)
}
