import { readProc } from './proc.ts'

/** When a process started, in ticks since boot; '0' for a process that is not there. With its id it names a process for good. */
export async function processStart(pid: string): Promise<string> {
  const stat = await readProc(`/proc/${pid}/stat`)
  // The name, in parentheses, may hold spaces; field 3 follows it, and the start is field 22.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
}
