import type { Load } from './compile-expression.ts'
import { DECIDED, NO, type Step, YES } from './compile-match.ts'
import { hasConnection } from './fields.ts'
import type { Flight } from './flight.ts'
import type { FieldName } from './ruleset.ts'

type Store = (f: Flight, value: number | undefined) => void

const STORES: Readonly<Partial<Record<FieldName, Store>>> = {
  'meta.mark': (f, value) => {
    f.mark = value
  },
  // Without a connection there is nothing to mark.
  'ct.mark': (f, value) => {
    if (hasConnection(f)) f.ctMark = value
  },
  'th.sport': (f, value) => {
    f.sport = value
  },
  'th.dport': (f, value) => {
    f.dport = value
  },
  'ip.ttl': (f, value) => {
    f.ttl = value
  },
  'ip6.hoplimit': (f, value) => {
    f.ttl = value
  },
  'meta.pkttype': (f, value) => {
    f.packetType = value
  },
}

const ADDRESS_STORES: Readonly<Partial<Record<FieldName, (f: Flight, value: number | bigint | undefined) => void>>> = {
  'ip.saddr': setSource,
  'ip6.saddr': setSource,
  'ip.daddr': setDestination,
  'ip6.daddr': setDestination,
}

function setSource(f: Flight, value: number | bigint | undefined): void {
  f.saddr = value
}

function setDestination(f: Flight, value: number | bigint | undefined): void {
  f.daddr = value
}

/** Writes a value into the packet or its connection. What else a rule writes makes the fate unknown. */
export function compileAssign(field: FieldName, load: Load, text: string): Step {
  const store = STORES[field] ?? ADDRESS_STORES[field]
  if (store === undefined) {
    return (f) => {
      f.outcome = { kind: 'opaque', text }
      return DECIDED
    }
  }
  return (f) => {
    const value = load(f)
    // A map without an entry for this packet ends the rule.
    if (value === null) return NO
    store(f, typeof value === 'string' ? undefined : (value as number))
    return YES
  }
}
