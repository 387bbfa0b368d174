import type { PathMtuFact } from '../model/evidence.ts'
import { type Message, message } from '../model/message.ts'
import type { Findings } from './findings.ts'

/**
 * An MTU black hole: packets up to a size come through, and of all that are longer none does, in silence. Whoever tells
 * of a narrower cable is no black hole: then this host cuts its packets, and they come.
 */
export function blackHoleNotes(findings: Findings): readonly Message[] {
  return findings.of('path-mtu').flatMap(({ value }) => {
    const hole = blackHole(value)
    return hole === null ? [] : [message('note.mtu-black-hole', { ...hole, family: value.family })]
  })
}

function blackHole({ sizes }: PathMtuFact): { readonly fits: number; readonly lost: number } | null {
  const asked = sizes.filter(({ outcome }) => outcome !== 'not-sent')
  const fits = Math.max(0, ...asked.flatMap(({ bytes, outcome }) => (outcome === 'returned' ? bytes : [])))
  const longer = asked.filter(({ bytes }) => bytes > fits)
  const isSilent = longer.every(({ outcome }) => outcome === 'lost' || outcome === 'arrived')
  // One size alone may have had bad luck.
  if (fits === 0 || longer.length < 2 || !isSilent) return null
  if (asked.some(({ bytes, outcome }) => bytes < fits && outcome !== 'returned')) return null
  return { fits, lost: Math.min(...longer.map(({ bytes }) => bytes)) }
}
