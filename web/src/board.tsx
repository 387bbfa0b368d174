import {
  caveatsOf,
  evidenceBlock,
  listBlock,
  obstaclesBlock,
  pathBlocks,
  remediesBlock,
  warningsBlock,
} from '../../src/report/html/blocks.ts'
import { Changes } from './changes.tsx'
import { Drawn } from './drawn.tsx'
import { Events } from './events.tsx'
import { History } from './history.tsx'
import type { Live } from './live.ts'
import { Mappings } from './mappings.tsx'
import { Plan } from './plan.tsx'
import { Ports } from './ports.tsx'
import { Verdict } from './verdict.tsx'
import type { WithToken } from './with-token.ts'
import { useWords } from './words.ts'

interface BoardProps {
  readonly live: Live
  readonly theme: string
  readonly withToken: WithToken
  readonly onTold: (sentences: readonly string[]) => void
}

/** All that there is to see of a watch, what matters most first. */
export function Board({ live, theme, withToken, onTold }: BoardProps) {
  const { say, time } = useWords()
  const { state, progress, turn } = live
  if (state === null) return null
  const { report, about, plan } = state
  const hasPlan = plan !== null
  return (
    <>
      <Verdict live={live} withToken={withToken} />
      {report !== null && (
        <div class="way">
          <div class="card">
            <Drawn of={pathBlocks(report, say)} />
            <Drawn of={obstaclesBlock(report, say)} />
            <Ports endpoints={state.endpoints} caveats={caveatsOf(report.endpoints)} />
            <Drawn of={listBlock(say('heading.node'), about?.node ?? [], 'bare')} />
          </div>
          <div class="card">
            <Plan state={state} progress={progress} withToken={withToken} />
            <Drawn of={remediesBlock(report, say(hasPlan ? 'page.or-by-hand' : 'heading.remedies'), say)} />
            <Drawn of={warningsBlock(report, say)} />
          </div>
        </div>
      )}
      <History turn={turn} theme={theme} />
      <div class="pair">
        <Mappings mappings={state.mappings} />
        <Changes changes={state.changes} isBusy={state.doing !== null} withToken={withToken} onTold={onTold} />
      </div>
      <Events turn={turn} />
      {report !== null && about !== null && (
        <div class="card">
          <Drawn of={listBlock(say('heading.notes'), about.notes, 'plain')} />
          <Drawn of={listBlock(say('page.about-network'), about.network, 'plain')} />
          <Drawn of={evidenceBlock(report, say)} />
        </div>
      )}
      <footer>
        {state.historyError !== null && <p>{say('page.history-error', { why: state.historyError })}</p>}
        <p>{say('page.about', { version: state.peerway, time: time(state.startedAt) })}</p>
      </footer>
    </>
  )
}
