import { PeerwayError } from '../model/error.ts'

/**
 * What `run` returns, or `fallback` where this host cannot do it (`PeerwayError`). A missing tool or permission is
 * never a reason to end a check; any other exception is a mistake of ours and passes.
 */
export async function attempt<T, F>(run: () => Promise<T>, fallback: F): Promise<T | F> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof PeerwayError) return fallback
    throw error
  }
}
