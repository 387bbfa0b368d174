import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { CAVEATS } from '../../src/model/diagnosis.ts'
import { OBSTACLE_STAGES, STAGES, WARNING_IDS } from '../../src/model/obstacle.ts'
import { NODE_KINDS } from '../../src/nodes/kinds.ts'
import { REMEDY_IDS } from '../../src/remedy/remedy-ids.ts'
import { LANGUAGES } from '../../src/report/render-message.ts'
import { buildReport } from '../../src/report/report.ts'
import { renderText } from '../../src/report/text.ts'
import { SAMPLES } from './samples.ts'

const CONTEXT = {
  version: '0.1.0',
  at: '2026-11-21T10:00:00Z',
  durationMs: 1830.4,
  language: 'en',
} as const

const schema = JSON.parse(readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'))
// `if` beside `required` is what strict mode would refuse; formats are checked by the pattern that stands beside them.
const validate = new Ajv2020({
  strict: true,
  strictRequired: false,
  validateFormats: false,
  allErrors: true,
  allowUnionTypes: true,
}).compile(schema)

describe.each(Object.entries(SAMPLES))('%s', (name, diagnosis) => {
  test.each(LANGUAGES)('text in %s', async (language) => {
    const text = renderText(diagnosis, { color: false, width: 80, language })
    await expect(text).toMatchFileSnapshot(`./golden/${name}.${language}.golden.txt`)
  })

  test('JSON', async () => {
    const json = `${JSON.stringify(buildReport(diagnosis, CONTEXT), null, 2)}\n`
    await expect(json).toMatchFileSnapshot(`./golden/${name}.golden.json`)
  })

  test.each(LANGUAGES)('is valid by the published schema in %s', (language) => {
    validate(JSON.parse(JSON.stringify(buildReport(diagnosis, { ...CONTEXT, language }))))
    expect(validate.errors).toBeNull()
  })
})

test('every key of the report is there, in the order of the published format', () => {
  const report = buildReport(SAMPLES['home-nat']!, CONTEXT)
  expect(Object.keys(report)).toEqual(schema.required)
  expect(Object.keys(report.endpoints[0]!)).toEqual(schema.$defs.endpoint.required)
  expect(Object.keys(report.path[0]!)).toEqual(schema.$defs.pathStage.required)
  expect(Object.keys(report.nat)).toEqual(schema.$defs.nat.required)
  expect(Object.keys(report.obstacles[0]!)).toEqual(schema.$defs.obstacle.required)
  expect(Object.keys(report.remedies[0]!)).toEqual(schema.$defs.remedy.required)
  expect(Object.keys(report.evidence[0]!)).toEqual(schema.$defs.evidence.required)
  expect(report.endpoints[0]!.external).toBe('203.0.113.7:4001')
  expect(report.evidence[0]!.at).toBe('2026-11-21T10:00:00.000Z')
})

test.each([
  ['obstacles', schema.$defs.obstacleId.enum, Object.keys(OBSTACLE_STAGES)],
  ['stages', schema.$defs.stage.enum, STAGES],
  ['warnings', schema.$defs.warning.properties.id.enum, WARNING_IDS],
  ['remedies', schema.$defs.remedy.properties.id.enum, REMEDY_IDS],
  ['caveats', schema.$defs.endpoint.properties.caveats.items.enum, CAVEATS],
  ['kinds of node', schema.$defs.node.properties.kind.anyOf[0].enum, Object.keys(NODE_KINDS)],
])('the schema knows exactly the %s that the code knows', (_, published, known) => {
  expect(published).toEqual(known)
})

test.each([
  ['a key too many', { extra: 1 }],
  ['a verdict of our own invention', { verdict: 'maybe' }],
  ['a port out of range', { endpoints: [{ ...buildReport(SAMPLES.reachable!, CONTEXT).endpoints[0]!, port: 70_000 }] }],
  [
    'a proven obstacle without evidence',
    { obstacles: [{ ...buildReport(SAMPLES['home-nat']!, CONTEXT).obstacles[0]!, evidence: [] }] },
  ],
])('the schema refuses %s', (_, change) => {
  expect(validate({ ...buildReport(SAMPLES.reachable!, CONTEXT), ...change })).toBe(false)
})

test('every object of the schema is closed, but for the values of evidence', () => {
  const open: string[] = []
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return
    const { type, additionalProperties } = node as Record<string, unknown>
    if (type === 'object' && additionalProperties !== false) open.push(path)
    for (const [key, child] of Object.entries(node)) visit(child, `${path}/${key}`)
  }
  visit(schema, '')
  expect(open).toEqual(['/$defs/evidence/properties/value'])
})
