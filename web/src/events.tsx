import { useEffect, useState } from 'preact/hooks'
import { getEvents, type WatchEvent } from './api.ts'
import { useWords } from './words.ts'

const FIRST = 12
const MORE = 50
const MOST = 1000

/** Kinds that say whether strangers get in have a colour; their words say the same. */
const TONES: Readonly<Record<string, string>> = {
  reachable: 'good',
  back: 'good',
  unreachable: 'bad',
  lost: 'bad',
  'node-gone': 'bad',
  trouble: 'doubt',
  'router-forgot': 'doubt',
  'flow-forgotten': 'doubt',
  'router-silent': 'doubt',
  'vantage-silent': 'doubt',
}

export function Events({ turn }: { readonly turn: string }) {
  const { say, time, lang } = useWords()
  const [limit, setLimit] = useState(FIRST)
  const [events, setEvents] = useState<readonly WatchEvent[]>([])
  // `turn` says that something has happened.
  useEffect(() => {
    let isOld = false
    getEvents(limit, lang)
      .then((history) => isOld || setEvents(history.events.toReversed()))
      // That the server is gone is told above.
      .catch(() => {})
    return () => {
      isOld = true
    }
  }, [limit, lang, turn])
  return (
    <section class="card">
      <h2>{say('page.events')}</h2>
      {events.length === 0 && <p class="soft">{say('page.no-events')}</p>}
      <ol class="events">
        {events.map(({ id, at, kind, text }) => (
          <li key={`${id} ${at} ${kind}`} class={TONES[kind]}>
            <time dateTime={at} class="soft">
              {time(at)}
            </time>
            <span>{text}</span>
          </li>
        ))}
      </ol>
      {events.length >= limit && limit < MOST && (
        <button type="button" class="quiet" onClick={() => setLimit(Math.min(MOST, limit + MORE))}>
          {say('page.more-events')}
        </button>
      )}
    </section>
  )
}
