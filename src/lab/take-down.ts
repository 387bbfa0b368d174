import { errorText, PeerwayError } from '../model/error.ts'
import { forgetState, type LabState } from './lab-state.ts'
import { namespaceExists, processesIn } from './namespace.ts'
import { tryTool } from './tool.ts'

/**
 * Takes away whatever there is of a lab, however far it came: the processes in its namespaces, by whomever they were
 * started, then the namespaces with all their devices and rules, then its folder. Safe to repeat.
 */
export async function takeDown(state: LabState): Promise<void> {
  // A process may start another between the look and the kill; it stays in the namespace and is found by the next look.
  for (let round = 0; round < 50; round++) {
    const pids = processesIn(state.namespaces)
    if (pids.length === 0) break
    for (const pid of pids) killQuietly(pid)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const present = state.namespaces.filter(namespaceExists)
  // Another process may be sweeping the same lab: what counts is that nothing is left, not who took it away.
  await tryTool(['ip', '-force', '-batch', '-'], present.map((name) => `netns del ${name}\n`).join(''))
  const left = state.namespaces.filter(namespaceExists)
  if (left.length > 0) throw new PeerwayError('internal', errorText('error.lab-left', { left: left.join(', ') }))
  forgetState(state.lab)
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
