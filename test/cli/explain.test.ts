import { describe, expect, test } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { OBSTACLE_STAGES, WARNING_IDS } from '../../src/model/obstacle.ts'
import { REMEDY_IDS } from '../../src/remedy/remedy-ids.ts'
import { memoryIo } from './memory-io.ts'

async function explain(...args: string[]) {
  const io = memoryIo()
  const status = await run(['explain', ...args], io)
  return { status, ...io.written }
}

const words = [...Object.keys(OBSTACLE_STAGES), ...WARNING_IDS, ...REMEDY_IDS, 'mapping', 'vantage']

describe.each(['en', 'fr'])('in %s', (lang) => {
  test.each(words)('%s is explained in 80 columns, with no blank left in the sentence', async (word) => {
    const { status, stdout, stderr } = await explain(word, '--lang', lang)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^[^?{}[\]]+\n$/)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })
})

test('an obstacle is placed on the way in', async () => {
  expect((await explain('carrier-nat')).stdout).toMatch(
    /carrier-grade\sNAT[\s\S]*Stage of the way in: carrier NAT\.\n$/,
  )
})

test('without a word, every word is listed', async () => {
  const { status, stdout } = await explain()
  expect(status).toBe(0)
  for (const word of words) expect(stdout).toContain(word)
})

test('an unknown word costs one line and exit status 2', async () => {
  expect(await explain('full-cone')).toEqual({
    status: 2,
    stdout: '',
    stderr: 'peerway: no report of peerway says "full-cone"; peerway explain lists what they say\n',
  })
})
