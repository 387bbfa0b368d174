import { PeerwayError } from '../model/error.ts'
import type { ChangeContent, ChangeKind } from './change.ts'

type Kinds = { readonly [K in ChangeContent['kind']]?: ChangeKind<Extract<ChangeContent, { kind: K }>> }

const KINDS: Kinds = {}

/** How changes of this kind are made and taken back. `PeerwayError` `bad-input` for one that a later version wrote down. */
export function kindOf<C extends ChangeContent>({ kind }: C): ChangeKind<C> {
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (known === undefined)
    throw new PeerwayError('bad-input', `this version of peerway knows no change of the kind "${kind}"`)
  return known as unknown as ChangeKind<C>
}
