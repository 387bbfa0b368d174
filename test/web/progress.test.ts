import { expect, test } from 'vitest'
import type { Progress } from '../../src/model/plan.ts'
import { followProgress, NO_PROGRESS } from '../../web/src/progress.ts'

const started = (step: string): Progress => ({ step, state: 'started' })
const finished = (step: string): Progress => ({ step, state: 'finished' })

test('a repair is a look, changes, a dial, and what is taken back', () => {
  const told = [
    ...[started('mapping'), started('hops'), finished('mapping'), finished('hops')],
    ...[started('change'), finished('change'), started('change'), finished('change')],
    ...[started('dial-back'), finished('dial-back')],
    ...[started('take-back')],
  ]
  const { phases, isEnded } = told.reduce<typeof NO_PROGRESS>(followProgress, NO_PROGRESS)
  expect(phases).toEqual([
    { kind: 'look', done: 2, running: [] },
    { kind: 'change', done: 2, running: [] },
    { kind: 'dial', done: 1, running: [] },
    { kind: 'take-back', done: 0, running: ['take-back'] },
  ])
  expect(isEnded).toBe(false)
})

test('what is asked for each family is under way until all have ended', () => {
  const told = [started('hops'), started('hops'), finished('hops')]
  const { phases } = told.reduce<typeof NO_PROGRESS>(followProgress, NO_PROGRESS)
  expect(phases.at(-1)).toEqual({ kind: 'look', done: 1, running: ['hops'] })
})

test('what begins after an end begins anew', () => {
  const first = followProgress(followProgress(NO_PROGRESS, started('change')), 'ended')
  expect(first.phases).toHaveLength(1)
  expect(followProgress(first, started('hops')).phases).toEqual([{ kind: 'look', done: 0, running: ['hops'] }])
})
