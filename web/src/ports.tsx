import type { Caveat } from '../../src/model/diagnosis.ts'
import { answerSign } from '../../src/report/html/blocks.ts'
import type { WatchEndpoint } from './api.ts'
import { Drawn } from './drawn.tsx'
import { useWords } from './words.ts'

interface PortsProps {
  readonly endpoints: readonly WatchEndpoint[]
  readonly caveats: readonly Caveat[]
}

/** Each endpoint as it is told to people, since when, and what the last check alone says where it differs. */
export function Ports({ endpoints, caveats }: PortsProps) {
  const { say, time } = useWords()
  if (endpoints.length === 0) return null
  return (
    <section>
      <h2>{say('heading.ports')}</h2>
      <ul class="ports">
        {endpoints.map(({ name, reachable, since, measured, external }) => {
          const [transport = '', family = '', port = ''] = name.split('/')
          return (
            <li key={name}>
              <Drawn of={answerSign(reachable)} />
              <b>
                {transport.toUpperCase()} {port}
              </b>
              <span class="soft">{say(`family.${family}`)}</span>
              <span>{say(`answer.${reachable}`)}</span>
              {since !== null && <span class="soft">{say('page.since', { time: time(since) })}</span>}
              {external !== null && <p class="note">{say('text.external', { external })}</p>}
              {measured !== reachable && (
                <p class="note">{say('page.differs', { answer: say(`answer.${measured}`) })}</p>
              )}
            </li>
          )
        })}
      </ul>
      {caveats.map((caveat) => (
        <p class="note" key={caveat}>
          {say(`caveat.${caveat}`)}
        </p>
      ))}
    </section>
  )
}
