import type { Host } from './host/host.ts'
import { PeerwayError } from './model/error.ts'
import { VERSION } from './model/version.ts'
import type { LastCheck } from './report/explain.ts'

const SCHEMA = 'peerway.last-check/1'
const MAX_BYTES = 8 * 1024 * 1024

/**
 * Keeps what a check found in `last-check.json` of the folder for state, in place of what an earlier one did; its owner
 * alone can read it. `peerway explain` reads it. That it cannot be written keeps nobody from anything.
 */
export async function keepLastCheck(host: Host, folder: string, { at, diagnosis }: LastCheck): Promise<void> {
  const text = `${JSON.stringify({ schema: SCHEMA, peerway: VERSION, at, diagnosis })}\n`
  if (text.length > MAX_BYTES) return
  try {
    await host.files.replace(`${folder}/last-check.json`, text)
  } catch (error) {
    if (!(error instanceof PeerwayError)) throw error
  }
}

/** What the last check of this very version found; null where there is none, or nothing that can be read. */
export async function readLastCheck(host: Host, folder: string): Promise<LastCheck | null> {
  try {
    const text = await host.files.read(`${folder}/last-check.json`, { maxBytes: MAX_BYTES })
    return text === undefined ? null : parseLastCheck(text)
  } catch (error) {
    if (!(error instanceof PeerwayError)) throw error
    return null
  }
}

/** Its owner alone can write it, so only accidents are looked for; a version's sentences take its own parameters. */
function parseLastCheck(text: string): LastCheck | null {
  try {
    const value = JSON.parse(text)
    const isOurs = value?.schema === SCHEMA && value.peerway === VERSION && typeof value.at === 'string'
    return isOurs && Array.isArray(value.diagnosis?.obstacles) ? { at: value.at, diagnosis: value.diagnosis } : null
  } catch {
    return null
  }
}
