import { sameEndpoint } from '../model/endpoint.ts'
import type { DialBackFact, Evidence } from '../model/evidence.ts'
import type { Notebook } from './notebook.ts'

/** Behind the dials of this run. */
const KEPT_RANK = 2_000_000

/**
 * A stranger who got in, and was answered, is no stranger any more: whoever dials from there again shows nothing of a filter
 * that remembers addresses. So a dial of moments ago from an address that nothing had been sent to is kept, with its own time,
 * where all dials of this run to the same endpoint came in just as that one did, and none of them was another stranger's.
 * `proofs`: of a run after which nothing was taken away that the way in could need. To be called at the end.
 */
export function keepProofs(notebook: Notebook, proofs: readonly Evidence[]): void {
  const dials = notebook.facts('dial-back').filter(({ outcome }) => outcome !== 'not-dialled')
  for (const [index, proof] of proofs.entries()) {
    if (proof.probe !== 'dial-back' || !isProof(proof.value)) continue
    const again = dials.filter((dial) => isSameEndpoint(dial, proof.value))
    const isKnown = again.some(({ sourceClean }) => sourceClean)
    if (!isKnown && again.length > 0 && again.every((dial) => cameInAlike(dial, proof.value))) {
      notebook.carry(proof, KEPT_RANK + index)
    }
  }
}

function isProof({ purpose, sourceClean, outcome, arrival }: DialBackFact): boolean {
  const cameIn = outcome === 'connected' || outcome === 'answered' || arrival.passed === 'yes'
  return purpose === 'endpoint' && sourceClean && cameIn
}

function isSameEndpoint(a: DialBackFact, b: DialBackFact): boolean {
  const keys = ['purpose', 'transport', 'family', 'port'] as const
  return keys.every((key) => a[key] === b[key])
}

/** Whatever one of them is taken to show, the other shows too. */
function cameInAlike(a: DialBackFact, b: DialBackFact): boolean {
  if (a.target === null || b.target === null || !sameEndpoint(a.target, b.target)) return false
  const [seen, before] = [a, b].map(({ outcome, holder, greeting, answersFrom, arrival: { wire, passed, how } }) => [
    ...[outcome, holder, greeting, answersFrom, wire, passed, how],
  ])
  return seen!.every((value, index) => value === before![index])
}
