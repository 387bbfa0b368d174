import { PeerwayError } from '../../model/error.ts'

/** For what Node itself does not offer, and that peerway knows to do on Linux alone. */
export function onLinuxOnly(what: string): PeerwayError {
  return new PeerwayError('not-available', `${what}: peerway can do this on Linux only, not on ${process.platform}`, {
    facts: { platform: process.platform },
  })
}
