import type { Host } from '../../src/host/host.ts'
import { type Answer, answeringHost } from './answering-host.ts'

type Tree = { [key: string]: unknown }

/** `refused`: it does nothing, and answers nothing. `answer-lost`: it does it, and the answer is lost. `dead`: from then on `refused`. */
export type Fault = 'refused' | 'answer-lost' | 'dead'

export interface FakeKubo {
  readonly host: Host
  readonly settings: Tree
  /** Requests so far. */
  asked(): number
}

/**
 * Stands in for the settings of a Kubo at 127.0.0.1:5001, whose answers are recorded from the real one (test/nodes/kubo.real.test.ts
 * changes that one's). `k`: the request, from 1, at which it fails; 0: never.
 */
export function fakeKubo(settings: Tree, k = 0, fault: Fault = 'refused'): FakeKubo {
  let count = 0
  const answer = (line: string): Answer => {
    count++
    const isDue = count === k || (fault === 'dead' && k > 0 && count > k)
    if (isDue && fault !== 'answer-lost') return null
    const said = serve(settings, line)
    return isDue ? null : said
  }
  const host = answeringHost({ answers: { '127.0.0.1:5001': answer } })
  return { host, settings, asked: () => count }
}

function serve(settings: Tree, line: string): Answer {
  const url = new URL(line.replace(/^POST /, ''), 'http://kubo.invalid')
  if (url.pathname === '/api/v0/config/show') return { body: JSON.stringify(settings) }
  const [key, json] = url.searchParams.getAll('arg') as [string, string | undefined]
  const path = key.split('.')
  const name = path.pop()!
  let around: Tree = settings
  for (const part of path) {
    around[part] ??= {}
    around = around[part] as Tree
  }
  if (json !== undefined) around[name] = JSON.parse(json)
  if (!Object.hasOwn(around, name)) return { status: 500, body: '{"Message":"key not found","Code":0,"Type":"error"}' }
  return { body: JSON.stringify({ Key: key, Value: around[name] }) }
}
