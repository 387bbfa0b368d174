import { useState } from 'preact/hooks'
import { type UndoneChange, undo, type WatchChange } from './api.ts'
import { Dialog } from './dialog.tsx'
import type { WithToken } from './with-token.ts'
import { useWords } from './words.ts'

interface ChangesProps {
  readonly changes: readonly WatchChange[]
  readonly isBusy: boolean
  readonly withToken: WithToken
  /** What became of it, for everybody to hear. */
  readonly onTold: (sentences: readonly string[]) => void
}

/** What is not as it was, and the buttons that make it so again. */
export function Changes({ changes, isBusy, withToken, onTold }: ChangesProps) {
  const { say, time, lang } = useWords()
  const [asked, setAsked] = useState<readonly WatchChange[] | null>(null)
  const takeBack = async (which: readonly WatchChange[]) => {
    setAsked(null)
    await withToken(async () => {
      const ids = which.length === changes.length ? 'all' : which.map(({ id }) => id)
      onTold((await undo(ids, lang)).map(tell))
    })
  }
  const tell = ({ text, outcome, why }: UndoneChange) =>
    `${text}: ${say(`undo.${outcome}`, why === null ? {} : { why })}`
  return (
    <section class="card">
      <h2>{say('page.changes')}</h2>
      {changes.length === 0 && <p class="soft">{say('page.no-changes')}</p>}
      <ul class="rows">
        {changes.map((change) => (
          <li key={change.id} class="with-button">
            <div>
              <p>{change.text}</p>
              <p class="soft">{say('page.made', { time: time(change.madeAt) })}</p>
            </div>
            <button
              type="button"
              class="quiet"
              disabled={isBusy}
              aria-label={say('page.undo-one', { what: change.text })}
              onClick={() => setAsked([change])}
            >
              {say('page.undo')}
            </button>
          </li>
        ))}
      </ul>
      {changes.length > 1 && (
        <button type="button" class="quiet" disabled={isBusy} onClick={() => setAsked(changes)}>
          {say('page.undo-all')}
        </button>
      )}
      {asked !== null && (
        <Dialog title={say('page.undo-question')} onCancel={() => setAsked(null)}>
          <ul class="plain">
            {asked.map(({ id, text }) => (
              <li key={id}>{text}</li>
            ))}
          </ul>
          <p>{say('page.undo-warning')}</p>
          <div class="actions">
            <button type="button" onClick={() => void takeBack(asked)}>
              {say('page.undo')}
            </button>
            <button type="button" class="quiet" onClick={() => setAsked(null)}>
              {say('page.cancel')}
            </button>
          </div>
        </Dialog>
      )}
    </section>
  )
}
