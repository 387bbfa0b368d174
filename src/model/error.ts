export type PeerwayErrorCode =
  | 'not-permitted' // the system refuses: root, a capability or a group is missing
  | 'not-available' // this system, or this machine's installed tools, cannot do it
  | 'bad-input' // a file, flag or variable of the user is wrong
  | 'busy' // an address, a port or a lock is held by somebody else
  | 'internal'

/**
 * What the host cannot do, or what the user asked wrongly. What the *network* does (silence, refusal, garbage) is never
 * thrown: it is a return value.
 *
 * `code` is stable and is what tests assert; `message` is one line for people: what was tried, what happened, what to
 * do next. `facts` are the plain values in it.
 */
export class PeerwayError extends Error {
  readonly code: PeerwayErrorCode
  readonly facts: Readonly<Record<string, string | number>>

  constructor(
    code: PeerwayErrorCode,
    message: string,
    options: { readonly facts?: Readonly<Record<string, string | number>>; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'PeerwayError'
    this.code = code
    this.facts = options.facts ?? {}
  }
}
