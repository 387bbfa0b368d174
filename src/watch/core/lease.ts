import { backedOff, jittered, type Unit } from './task.ts'

/** A mapping or pinhole that is to be kept, as the journal has it. */
export interface Lease {
  readonly id: string
  /** Who granted it, and by which protocol: `192.168.1.1 pcp`. */
  readonly grantor: string
  /** As granted; null: until somebody deletes it. */
  readonly lifetimeSeconds: number | null
  /** By the wall's clock. */
  readonly grantedAtMs: number
  /** The router's age then, as it told; null where it has no such count. */
  readonly epochSeconds: number | null
  /** Is its internal address one of this host's? Where it is not, it is asked for anew, for the address of now. */
  readonly isHome: boolean
}

/** Renewed between these parts of its life: always before half of it (RFC 6887 §11.2.1 begins at half). */
const EARLIEST = 0.38
const LATEST = 0.48
/** One that never ends is asked for again all the same, as routers forget. */
const PERMANENT_MS = 1_800_000
const FIRST_RETRY_MS = 5000
const LONGEST_RETRY_MS = 300_000

/** When one mapping has to be asked for again. It keeps to a clock that never jumps. */
export class LeaseTimer {
  lease: Lease
  dueAtMs: number
  isRunning = false
  failures = 0
  /** The router has said that it does not have it any more. */
  isForgotten = false

  constructor(lease: Lease, now: Now, unit: Unit) {
    this.lease = lease
    this.dueAtMs = dueAtMs(lease, now, unit)
  }

  /** As the journal has it now; a new grant gets a new time. */
  update(lease: Lease, now: Now, unit: Unit): void {
    const isSame = lease.grantedAtMs === this.lease.grantedAtMs && lease.lifetimeSeconds === this.lease.lifetimeSeconds
    const wasHome = this.lease.isHome
    this.lease = lease
    if (!isSame) this.dueAtMs = dueAtMs(lease, now, unit)
    if (wasHome && !lease.isHome) this.dueAtMs = now.ms
  }

  renewed(): void {
    this.isRunning = false
    this.isForgotten = false
    this.failures = 0
  }

  failed(now: Now, unit: Unit): void {
    this.isRunning = false
    this.dueAtMs = now.ms + jittered(backedOff(FIRST_RETRY_MS, this.failures, LONGEST_RETRY_MS), unit)
    this.failures++
  }

  /** The router has forgotten it, or may have. */
  hasten(now: Now, isForgotten = false): void {
    this.isForgotten ||= isForgotten
    this.failures = 0
    this.dueAtMs = Math.min(this.dueAtMs, now.ms)
  }
}

/** The same moment on both clocks. */
export interface Now {
  /** Never jumps. */
  readonly ms: number
  readonly wallMs: number
}

function dueAtMs({ lifetimeSeconds, grantedAtMs, isHome }: Lease, now: Now, unit: Unit): number {
  if (!isHome) return now.ms
  if (lifetimeSeconds === null) return now.ms + jittered(PERMANENT_MS, unit)
  const lifetimeMs = lifetimeSeconds * 1000
  // A wall clock that was set may make it seem granted in the future.
  const ageMs = Math.max(0, now.wallMs - grantedAtMs)
  return now.ms + Math.max(0, lifetimeMs * (EARLIEST + (LATEST - EARLIEST) * unit()) - ageMs)
}
