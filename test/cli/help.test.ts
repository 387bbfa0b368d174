import { describe, expect, test } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { enHelp, type HelpTopic } from '../../src/report/help/en.ts'
import { frHelp } from '../../src/report/help/fr.ts'
import { memoryIo } from './memory-io.ts'

const TOPICS = Object.keys(enHelp) as HelpTopic[]

/** Flags, commands of peerway, and words in capitals: what is typed, and not translated. */
function typed(text: string): string[] {
  const names =
    text.replaceAll(/\s+/g, ' ').match(/--[a-z-]+|\bpeerway [a-z]+|PEERWAY_[A-Z]+|[~/][a-z/.]+yaml|\b[A-Z]{4,}\b/g) ??
    []
  // A line may break inside a command, and a sentence may begin with peerway itself.
  return [...new Set(names)].filter((name) => !/^peerway (?:finds|trouve)$/.test(name)).toSorted()
}

describe.each(TOPICS)('help of %s', (topic) => {
  test('is the same in French as far as one types it', () => {
    expect(typed(frHelp[topic])).toEqual(typed(enHelp[topic]))
  })

  test.each([
    ['en_US.UTF-8', enHelp[topic]],
    ['fr_FR.UTF-8', frHelp[topic]],
    ['de_DE.UTF-8', enHelp[topic]],
    ['C', enHelp[topic]],
  ])('comes in the language of the locale %s', async (locale, text) => {
    const io = memoryIo({ env: { LC_ALL: locale } })
    expect(await run(topic === 'main' ? ['--help'] : [topic, '--help'], io)).toBe(0)
    expect(io.written).toEqual({ stdout: text, stderr: '' })
  })

  test('fits a terminal', () => {
    for (const text of [enHelp[topic], frHelp[topic]]) {
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    }
  })
})
