/**
 * Given to Node.js by `--import`: appends the path of every module of files that the program loads to the file that
 * PEERWAY_LOADED names.
 */
import { appendFileSync } from 'node:fs'
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) register(import.meta.url)

export async function load(url, context, nextLoad) {
  if (url.startsWith('file:')) appendFileSync(process.env.PEERWAY_LOADED, `${new URL(url).pathname}\n`)
  return nextLoad(url, context)
}
