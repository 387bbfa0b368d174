#!/usr/bin/env node
import { processIo } from './io.ts'
import { fail, run } from './run.ts'

const io = processIo()

process.on('uncaughtException', (error) => void fail(error, io, process.argv.slice(2)).then(end))

await end(await run(process.argv.slice(2), io))

/** What still runs when a command has returned (an abandoned dial, a timer) has no say in when the program ends. */
async function end(status: number): Promise<never> {
  const flushed = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write('', () => resolve()))
  await Promise.all([flushed(process.stdout), flushed(process.stderr)])
  process.exit(status)
}
