let aheadMs = 0

/** Told by each state: a phone's clock may be wrong, and what is told is told by the clock of the watch. */
export function noteServerTime(at: string): void {
  aheadMs = Date.parse(at) - Date.now()
}

/** Milliseconds since 1970. */
export function serverNowMs(): number {
  return Date.now() + aheadMs
}
