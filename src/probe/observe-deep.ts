import type { DialBackFact } from '../model/evidence.ts'
import type { Dialler } from './dial-backs.ts'
import type { FamilyContext } from './family-context.ts'
import { observeIdleFlows } from './idle-flows/idle-flows.ts'
import { observeIdleTcp } from './idle-flows/idle-tcp.ts'
import { observePathMtu } from './path-mtu.ts'
import { observeOtherProtocols } from './protocols/observe-protocols.ts'
import { observeRates } from './protocols/observe-rates.ts'

/** All that a deep question has to go by. The dials have ended: it may speak to every address of the vantage. */
export interface DeepContext extends FamilyContext {
  readonly dialler: Dialler
  readonly dials: readonly DialBackFact[]
}

/** Writes down what it finds. Tells how long it will take (`notebook.running`); never rejects for what the network does. */
interface DeepProbe {
  readonly step: string
  readonly ask: (context: DeepContext) => Promise<void>
}

/** A router tells one address of few errors in a row, and the flows below meet many: before them, or its silence would be theirs. */
const FIRST: DeepProbe = { step: 'path-mtu', ask: observePathMtu }

/** These wait for minutes and send little: all at the same time. */
const PATIENT: readonly DeepProbe[] = [
  { step: 'idle-flows', ask: observeIdleFlows },
  { step: 'idle-tcp', ask: observeIdleTcp },
]

/** These measure what comes through, and would be in each other's way: one after the other, beside the patient ones. */
const IN_TURN: readonly DeepProbe[] = [
  { step: 'other-protocols', ask: observeOtherProtocols },
  { step: 'protocol-rates', ask: observeRates },
]

/** What takes minutes (`--deep`), asked when everything else has been answered. */
export async function observeDeep(context: DeepContext): Promise<void> {
  const run = ({ step, ask }: DeepProbe) => context.notebook.step(step, () => ask(context))
  const inTurn = async () => {
    for (const probe of IN_TURN) await run(probe)
  }
  const done = new AbortController()
  const connection = keepUp(context, done.signal)
  await run(FIRST)
  await Promise.all([...PATIENT.map(run), inTurn()])
  done.abort()
  await connection
}

/** A vantage gives an asker up who says nothing for 30 s. */
const KEEP_UP_MS = 8000

/** Keeps the control connection until `signal`. */
export async function keepUp({ host, dialler }: DeepContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await dialler.control.isUp())) await host.clock.sleep(KEEP_UP_MS, signal)
}
