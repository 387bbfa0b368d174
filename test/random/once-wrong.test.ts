import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseNodeKind } from '../../src/plan-of.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { askInside } from './ask.ts'
import { judgeReport } from './judge.ts'

const FOLDER = new URL('once-wrong/', import.meta.url)

/** Random networks of which a check once said something false, or not all; the first line of each repeats it. */
test.each(readdirSync(FOLDER))('nothing false is said of %s any more, and nothing left out', async (file) => {
  const text = readFileSync(new URL(file, FOLDER), 'utf8')
  const [command = ''] = text.split('\n')
  const parsed = parseTopology(text, file)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const values = (flag: string) => [...command.matchAll(new RegExp(`--${flag} (\\S+)`, 'g'))].map(([, value]) => value!)
  const node = parseNodeKind(values('node')[0])
  const asked = { topology: parsed.topology, ports: values('port'), vantages: values('vantage'), node }
  const report = await askInside(asked, Number(values('seed')[0]))
  expect(judgeReport(parsed.topology, report)).toMatchObject({ falseClaims: [], missed: [] })
})
