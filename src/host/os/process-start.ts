import { readProc } from './proc.ts'

/**
 * When a process started, in ticks since boot; '0' for a process that is not there. With its id it names a process for
 * good. One that has ended, and that nobody has asked about yet (a zombie), is not there.
 */
export async function processStart(pid: string): Promise<string> {
  const stat = await readProc(`/proc/${pid}/stat`)
  // The name, in parentheses, may hold spaces; field 3, the state, follows it, and the start is field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? '0' : (fields[19] ?? '0')
}
