import { endpointName } from '../model/endpoint.ts'
import { errorText } from '../model/error.ts'
import type { ErrorTextId } from '../model/error-texts.ts'
import type { Message } from '../model/message.ts'
import type { EndpointPlan, WhyNot } from './plan-accept.ts'

const REASONS = {
  unknown: 'error.of.unplanned-unknown',
  'some-strangers': 'error.of.unplanned-some-strangers',
  'no-route': 'error.of.unplanned-no-route',
  'no-spot': 'error.of.unplanned-no-spot',
  'too-many': 'error.of.unplanned-too-many',
  'no-address': 'error.of.unplanned-no-address',
  'no-forwarding': 'error.of.unplanned-no-forwarding',
} as const satisfies Readonly<Record<WhyNot, ErrorTextId>>

/** Why strangers cannot be let through this host's own rules to an endpoint; undefined where they can. */
export function whyNotPlanned({ key, plan }: EndpointPlan): Message | undefined {
  if (plan.kind === 'planned') return undefined
  const { why, at, expression } = plan
  const chain = at?.chain ?? null
  const table = at === null ? null : `${at.family} ${at.table}`
  return errorText('error.unplanned', {
    endpoint: endpointName(key),
    why: errorText(REASONS[why]),
    ...{ chain, table, expression },
  })
}
