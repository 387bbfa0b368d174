import { expect, test } from 'vitest'
import { Notebook } from '../../src/probe/notebook.ts'
import { VirtualClock } from './virtual-clock.ts'

const page = (family: 'ipv4' | 'ipv6', ttl: number) =>
  ({ family, address: '192.168.1.1', ttl, port: 80, outcome: 'http' }) as const

test('evidence is numbered by probe, family and rank, whoever answered first', () => {
  const notebook = new Notebook(new VirtualClock(), () => {})
  notebook.add('internet', { asked: [] })
  notebook.add('router-page', page('ipv6', 1), 1)
  notebook.add('router-page', page('ipv4', 2), 2)
  notebook.add('router-page', page('ipv4', 1), 1)
  notebook.add('addresses', { addresses: [], defaultRoutes: [], source: { ipv4: null, ipv6: null } })
  const evidence = notebook.evidence()
  expect(evidence.map(({ id }) => id)).toEqual(['e1', 'e2', 'e3', 'e4', 'e5'])
  expect(evidence.map(({ probe, value }) => ('ttl' in value ? `${value.family} ${value.ttl}` : probe))).toEqual([
    'addresses',
    'ipv4 1',
    'ipv4 2',
    'ipv6 1',
    'internet',
  ])
})

test('a step that fails has ended too', async () => {
  const told: string[] = []
  const notebook = new Notebook(new VirtualClock(), ({ step, state }) => told.push(`${step} ${state}`))
  await expect(notebook.step('hops', () => Promise.reject(new Error('mistake')))).rejects.toThrow('mistake')
  expect(told).toEqual(['hops started', 'hops finished'])
})
