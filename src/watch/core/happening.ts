import type { MessageParams } from '../../model/message.ts'

/** What `watch` tells of: the ids of its sentences are `watch.` and these. */
export const HAPPENINGS = [
  'started',
  'stopped',
  'clock-jumped',
  'address-changed',
  'outside-address-changed',
  'router-forgot',
  'flow-lifetime',
  'flow-forgotten',
  'router-silent',
  'router-back',
  'mapping-made',
  'mapping-moved',
  'mapping-restored',
  'mapping-refused',
  'mapping-ended',
  'mapping-released',
  'mapping-dropped',
  'rule-gone',
  'rule-restored',
  'node-gone',
  'node-back',
  'node-restarted',
  'reachable',
  'unreachable',
  'lost',
  'back',
  'vantage-silent',
  'vantage-back',
  'change-made',
  'change-useless',
  'change-undone',
  'alert-sent',
  'alert-failed',
  'trouble',
] as const
export type HappeningKind = (typeof HAPPENINGS)[number]

/** Something that a person may want to know, before it has a language. */
export interface Happening {
  readonly kind: HappeningKind
  readonly params: MessageParams
}

export function happening(kind: HappeningKind, params: MessageParams = {}): Happening {
  return { kind, params }
}
