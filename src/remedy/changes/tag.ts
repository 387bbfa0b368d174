import type { ChangeTag } from '../change.ts'

/** What marks as ours whatever can bear a mark. */
export function tagOf({ id }: ChangeTag): string {
  if (!/^[a-z0-9]{8}$/.test(id)) throw new RangeError(`the id of a change is 8 small letters and digits, not ${id}`)
  return `peerway:${id}`
}
