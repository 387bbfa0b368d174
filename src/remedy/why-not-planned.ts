import { endpointName } from '../model/endpoint.ts'
import type { EndpointPlan, WhyNot } from './plan-accept.ts'

const REASONS: Readonly<Record<WhyNot, string>> = {
  unknown: 'a rule on the way cannot be judged',
  'some-strangers': 'only some strangers are stopped, and who may come in is for whoever wrote the rules to say',
  'no-route': 'this host knows no way to where they are passed on to',
  'no-spot': 'no rule of others is kept there, or none would help',
  'too-many': 'it would take more rules than anybody writes by hand',
  'no-address': 'this host has no address of that family',
}

/** Why strangers cannot be let through this host's own rules to an endpoint, in plain facts. */
export function whyNotPlanned({ key, plan }: EndpointPlan): string {
  if (plan.kind === 'planned') return ''
  const { why, at, expression } = plan
  const place = at === null ? [] : [`chain ${at.chain}, table ${at.family} ${at.table}`]
  const details = [...place, ...(expression === null ? [] : [expression])].join(': ')
  return `nothing is planned for ${endpointName(key)} among this host's own rules: ${REASONS[why]}${details === '' ? '' : ` (${details})`}`
}
