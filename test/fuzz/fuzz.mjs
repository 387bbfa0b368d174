/**
 * Feeds changed messages to every decoder of wire/ and fails (exit 1) when one throws, takes long or keeps memory.
 *
 *   node --max-old-space-size=128 test/fuzz/fuzz.mjs [--runs 1000000] [--seed N] [--codec NAME]
 *
 * Needs dist/. Every run has a fresh seed and prints it; `--seed` repeats a run, for one codec as for all.
 */
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { CODECS } from './codecs.mjs'
import { mutate } from './mutate.mjs'
import { seededRandom, seedFor } from './random.mjs'

/** For one input of at most 65,507 bytes, the fastest of five tries: the machine's own pauses are not the decoder's. */
const MAX_INPUT_MS = 20
/**
 * Beyond what V8 may keep for old objects (the flag above), its young ones. Without the flag it keeps the text of JSON that
 * could not be parsed for as long as the machine has memory to spare, and the same seed takes 55 MiB or 257.
 */
const MAX_HEAP_MIB = 160
const MAX_KEPT_MIB = 8

const MIB = 2 ** 20
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

const { values } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' }, codec: { type: 'string' } },
})
const runs = Number(values.runs ?? 1_000_000)
const seed = Number(values.seed ?? randomBytes(4).readUInt32BE())
const codecs = CODECS.filter(({ name }) => values.codec === undefined || values.codec === name)
if (codecs.length === 0 || !Number.isInteger(runs) || !Number.isInteger(seed)) {
  console.error(`usage: fuzz.mjs [--runs N] [--seed N] [--codec ${CODECS.map(({ name }) => `'${name}'`).join('|')}]`)
  process.exit(2)
}

console.log(`seed ${seed}, ${runs} inputs for each of ${codecs.length} codecs`)
const failed = codecs.filter((codec) => !report(codec, fuzz(codec)))
if (failed.length > 0) process.exitCode = 1

/**
 * @param {import('./codecs.mjs').Codec} codec
 * @returns {{ inputs: number, seconds: number, slowestMs: number, slowestBytes: number, heapMiB: number, keptMiB: number, failure?: string }}
 */
function fuzz(codec) {
  const random = seededRandom(seedFor(seed, codec.name))
  collectGarbage()
  const heapBefore = process.memoryUsage().heapUsed
  const startedMs = performance.now()
  const result = { inputs: 0, seconds: 0, slowestMs: 0, slowestBytes: 0, heapMiB: 0, keptMiB: 0 }
  const finish = (failure) => {
    collectGarbage()
    result.keptMiB = (process.memoryUsage().heapUsed - heapBefore) / MIB
    result.seconds = (performance.now() - startedMs) / 1000
    const kept = result.keptMiB > MAX_KEPT_MIB ? `keeps ${result.keptMiB.toFixed(1)} MiB` : undefined
    const reason = failure ?? kept
    return reason === undefined ? result : { ...result, failure: reason }
  }
  while (result.inputs < runs) {
    const bytes = mutate(pick(codec, random), pick(codec, random), random)
    result.inputs += 1
    try {
      const ms = timeOf(codec, bytes)
      const surelyMs = ms > result.slowestMs ? fastestOf(codec, bytes) : 0
      if (surelyMs > result.slowestMs) Object.assign(result, { slowestMs: surelyMs, slowestBytes: bytes.length })
    } catch (error) {
      return finish(
        `input ${result.inputs} throws ${error?.stack}\n${Buffer.from(bytes).toString('hex').slice(0, 4000)}`,
      )
    }
    if (result.slowestMs > MAX_INPUT_MS) return finish(`input ${result.inputs} takes ${result.slowestMs.toFixed(1)} ms`)
    if (result.inputs % 4096 === 0) {
      result.heapMiB = Math.max(result.heapMiB, process.memoryUsage().heapUsed / MIB)
      if (result.heapMiB > MAX_HEAP_MIB) return finish(`heap of ${result.heapMiB.toFixed(0)} MiB`)
    }
  }
  return finish(undefined)
}

function pick({ corpus, large }, random) {
  const from = large !== undefined && random(1000) === 0 ? large : corpus
  return from[random(from.length)]
}

function timeOf(codec, bytes) {
  const startedMs = performance.now()
  codec.decode(bytes)
  return performance.now() - startedMs
}

function fastestOf(codec, bytes) {
  return Math.min(...Array.from({ length: 5 }, () => timeOf(codec, bytes)))
}

function report(codec, result) {
  const { inputs, seconds, slowestMs, slowestBytes, heapMiB, keptMiB, failure } = result
  const line = [
    failure === undefined ? 'ok  ' : 'FAIL',
    codec.name.padEnd(28),
    `${inputs} inputs in ${seconds.toFixed(1)} s`,
    `slowest ${slowestMs.toFixed(3)} ms (${slowestBytes} bytes)`,
    `heap at most ${heapMiB.toFixed(0)} MiB, kept ${keptMiB.toFixed(1)} MiB`,
  ]
  console.log(line.join('  '))
  if (failure !== undefined) {
    console.error(
      `${failure}\nrepeat it: node ${process.execArgv.join(' ')} test/fuzz/fuzz.mjs --seed ${seed} --runs ${runs} --codec '${codec.name}'`,
    )
  }
  return failure === undefined
}
