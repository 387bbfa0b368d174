import { errorText, PeerwayError } from '../../model/error.ts'
import type { ErrorTextId } from '../../model/error-texts.ts'

/** What cannot be done: `reading the packet filter`. */
export type HostAct = Extract<
  ErrorTextId,
  `error.of.${'reading' | 'changing' | 'counting' | 'listing' | 'looking' | 'sending'}-${string}`
>

/** For what Node itself does not offer, and that peerway knows to do on Linux alone. */
export function onLinuxOnly(what: HostAct): PeerwayError {
  return new PeerwayError(
    'not-available',
    errorText('error.linux-only', { what: errorText(what), platform: process.platform }),
  )
}
