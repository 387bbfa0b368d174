import { describe, expect, test } from 'vitest'
import { observeIdleTcp } from '../../src/probe/idle-flows/idle-tcp.ts'
import { askAlone, saidOf } from '../probe/alone.ts'

/** A home router, and a carrier's box beyond it, that remember idle TCP connections for so long. */
function yaml(home: number, carrier: number, line = ''): string {
  const nat = (seconds: number) =>
    `nat: { mapping: endpoint-independent, filtering: address-and-port-dependent, tcpTimeoutSeconds: ${seconds} }`
  return `topology: 1
title: Idle TCP
networks:
  internet: { ipv4: 198.51.100.0/24 }
  access: { ipv4: 100.64.0.0/10 }
  home: { ipv4: 192.168.1.0/24 }
hosts:
  node: { network: home }
routers:
  box: { inside: home, outside: access, ${nat(home)} }
carriers:
  cgn: { inside: access, outside: internet, ${nat(carrier)} }
vantages:
  vantage: { network: internet, address: 198.51.100.20 }
${line === '' ? '' : `links: [{ from: box, to: access, ${line} }]`}
`
}

async function notes(text: string, seed = 1) {
  return saidOf(await askAlone(text, seed, observeIdleTcp)).notes.filter(({ id }) => id.startsWith('note.idle-tcp'))
}

describe('how long the way remembers a TCP connection on which nothing is said', { timeout: 60_000 }, () => {
  test('is longer than was waited', async () => {
    expect(await notes(yaml(7440, 7440))).toEqual([
      { id: 'note.idle-tcp-lives', params: { family: 'ipv4', lived: 306 } },
    ])
  })

  test.each([
    [100, 7440, 58, 128],
    [7440, 200, 178, 248],
    [60, 100, 58, 128],
    [7440, 300, 296, 316],
  ])('is found where the boxes remember %i and %i s', async (home, carrier, lived, died) => {
    expect(await notes(yaml(home, carrier))).toEqual([
      { id: 'note.idle-tcp-forgotten', params: { family: 'ipv4', lived, died } },
    ])
  })

  test('is no wrong number on a line that loses one packet in ten', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      for (const { id, params } of await notes(yaml(150, 7440, 'lossPercent: 10'), seed)) {
        expect(id, `seed ${seed}`).toBe('note.idle-tcp-forgotten')
        expect(params.lived, `seed ${seed}`).toBeLessThanOrEqual(150)
        expect(params.died, `seed ${seed}`).toBeGreaterThanOrEqual(150)
      }
    }
  })
})
