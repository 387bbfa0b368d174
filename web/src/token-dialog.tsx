import type { TargetedSubmitEvent } from 'preact'
import { useId, useState } from 'preact/hooks'
import { tryToken } from './api.ts'
import { Dialog } from './dialog.tsx'
import { useWords } from './words.ts'

interface TokenDialogProps {
  readonly why: string
  readonly onAnswer: (isThere: boolean) => void
  /** There is nothing else to see without it. */
  readonly isOnly?: boolean
}

/** Where root's watch keeps it. */
const USUAL = 'sudo cat /var/lib/peerway/watch-token'

export function TokenDialog({ why, onAnswer, isOnly = false }: TokenDialogProps) {
  const { say, lang } = useWords()
  const [problem, setProblem] = useState('')
  const field = useId()
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = String(new FormData(event.currentTarget).get('token') ?? '').trim()
    try {
      if (await tryToken(given, lang)) onAnswer(true)
      else setProblem(say('page.token-wrong'))
    } catch (error) {
      setProblem(say('page.failed', { why: (error as Error).message }))
    }
  }
  const form = (
    <form onSubmit={(event) => void submit(event)}>
      <p>{why}</p>
      <p class="soft">{say('page.token-where')}</p>
      <p>
        <code>{USUAL}</code>
      </p>
      <label for={field}>{say('page.token-field')}</label>
      <input
        id={field}
        name="token"
        class="mono"
        required
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        aria-describedby={`${field}-problem`}
        aria-invalid={problem !== ''}
      />
      <p id={`${field}-problem`} class="problem" role="alert">
        {problem}
      </p>
      <div class="actions">
        <button type="submit">{say('page.token-go')}</button>
        {!isOnly && (
          <button type="button" class="quiet" onClick={() => onAnswer(false)}>
            {say('page.cancel')}
          </button>
        )}
      </div>
    </form>
  )
  if (!isOnly) {
    return (
      <Dialog title={say('page.token')} onCancel={() => onAnswer(false)}>
        {form}
      </Dialog>
    )
  }
  return (
    <main class="sheet">
      <div class="card narrow">
        <h1>{say('page.token')}</h1>
        {form}
      </div>
    </main>
  )
}
