/**
 * Resolves when every promise that can go on by itself has done so: a macrotask begins only after the last microtask.
 * The one place of the simulator that touches the machine's event loop; it measures no time.
 */
export function drain(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
