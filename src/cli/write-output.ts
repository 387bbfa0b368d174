import { writeFileSync } from 'node:fs'
import { errorText, PeerwayError } from '../model/error.ts'

/** A file that a flag names. `PeerwayError` `bad-input` where it cannot be written. */
export function writeOutput(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content)
  } catch (cause) {
    throw new PeerwayError(
      'bad-input',
      errorText('error.cannot-write', { path, errno: (cause as NodeJS.ErrnoException).code }),
      { cause },
    )
  }
}
