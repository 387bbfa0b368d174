import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { alertChannels } from '../../src/cli/alert-channels.ts'
import type { Answer } from '../../src/model/answer.ts'
import type { EndpointName } from '../../src/model/endpoint.ts'
import { rebootRouter } from '../../src/sim/world-events.ts'
import { type Alert, alertOf } from '../../src/watch/alerts/alert.ts'
import { AlertGate, type AlertNews, DEFAULT_ALERT_PACE } from '../../src/watch/alerts/alert-gate.ts'
import { type AlertChannel, Alerter } from '../../src/watch/alerts/alerter.ts'
import { commandChannel } from '../../src/watch/alerts/command-channel.ts'
import { mailChannel, mailOf } from '../../src/watch/alerts/mail-channel.ts'
import { webhookChannel } from '../../src/watch/alerts/webhook-channel.ts'
import { planId } from '../../src/watch/work.ts'
import { HOUR, home, MINUTE } from './home.ts'

const UDP = 'udp/ipv4/4001' as EndpointName
const TCP = 'tcp/ipv4/4001' as EndpointName
const both = (answer: Answer) => new Map([UDP, TCP].map((name) => [name, answer] as const))
const { settleMs, quietMs } = DEFAULT_ALERT_PACE

const ALERT = alertOf(
  { lost: [UDP], back: [] },
  { host: 'node1', language: 'en', nowMs: Date.UTC(2026, 10, 24), diagnosis: null },
)

describe('when to alert', () => {
  /** How things stand, at which minute; and what was told, at which. */
  function told(known: Answer, story: readonly (readonly [minute: number, answer: Answer])[]): readonly string[] {
    const gate = new AlertGate(DEFAULT_ALERT_PACE, both(known))
    const said: string[] = []
    for (let seconds = 0; seconds <= 3600; seconds += 5) {
      for (const [minute, answer] of story) if (minute * 60 === seconds) gate.noted(both(answer), seconds * 1000)
      const news = gate.news(seconds * 1000)
      if (news !== undefined) said.push(`${seconds / 60}: lost ${news.lost.length}, back ${news.back.length}`)
    }
    return said
  }

  test.each([
    ['a loss that lasts', 'yes', [[1, 'no']], ['2: lost 2, back 0']],
    [
      'a loss that is mended at once',
      'yes',
      [
        [1, 'no'],
        [1.5, 'yes'],
      ],
      [],
    ],
    [
      'a loss, and its end',
      'yes',
      [
        [1, 'no'],
        [20, 'yes'],
      ],
      ['2: lost 2, back 0', '21: lost 0, back 2'],
    ],
    [
      'an end soon after the alert waits',
      'yes',
      [
        [1, 'no'],
        [3, 'yes'],
      ],
      ['2: lost 2, back 0', '12: lost 0, back 2'],
    ],
    [
      'what flaps is told as it stands at the end',
      'yes',
      [
        [1, 'no'],
        [3, 'yes'],
        [5, 'no'],
        [7, 'yes'],
        [9, 'no'],
      ],
      ['2: lost 2, back 0'],
    ],
    ['what was never known is no news', 'unknown', [[1, 'no']], []],
    [
      'nor what the first minute opens',
      'unknown',
      [
        [1, 'no'],
        [1.5, 'yes'],
      ],
      [],
    ],
    [
      'but its loss is',
      'unknown',
      [
        [1, 'yes'],
        [10, 'no'],
      ],
      ['11: lost 2, back 0'],
    ],
    ['one that begins lost, and comes back', 'no', [[1, 'yes']], ['2: lost 0, back 2']],
    ['not known at the moment changes nothing', 'yes', [[1, 'unknown']], []],
  ] as const)('%s', (_, known, story, said) => {
    expect(told(known, story)).toEqual(said)
  })

  test('one endpoint of two', () => {
    const gate = new AlertGate(DEFAULT_ALERT_PACE, both('yes'))
    gate.noted(new Map([...both('yes'), [TCP, 'no' as const]]), 0)
    expect(gate.wakeAtMs).toBe(settleMs)
    expect(gate.news(settleMs)).toEqual({ lost: [TCP], back: [] })
    gate.noted(both('no'), settleMs + 1)
    expect(gate.wakeAtMs).toBe(settleMs + quietMs)
  })
})

describe('delivery', () => {
  async function alerting(send: AlertChannel['send']) {
    const { world, own } = await home('pcp')
    const outcomes: (string | null)[] = []
    const alerter = new Alerter({
      clock: own.clock,
      channels: [{ name: 'webhook', send }],
      alertOf: ({ lost, back }: AlertNews) => ({ ...ALERT, lost, back }),
      onOutcome: (_, why) => outcomes.push(why),
    })
    const stop = new AbortController()
    const ended = alerter.run(stop.signal)
    alerter.noted(both('yes'))
    return { world, alerter, outcomes, stop, ended }
  }

  test('is tried again, and then given up', async () => {
    const { world, alerter, outcomes, stop, ended } = await alerting(async () => {
      throw new Error('nobody there')
    })
    alerter.noted(both('no'))
    await world.pass(HOUR)
    expect(outcomes).toEqual(Array(4).fill('nobody there'))
    stop.abort()
    await world.run(ended)
  })

  test('a newer alert takes the place of one that could not be delivered', async () => {
    const sent: Alert[] = []
    const { world, alerter, outcomes, stop, ended } = await alerting(async (alert) => {
      sent.push(alert)
      if (sent.length < 4) throw new Error('nobody there')
    })
    alerter.noted(both('no'))
    await world.pass(2 * MINUTE)
    alerter.noted(both('yes'))
    await world.pass(HOUR)
    expect(sent.map(({ lost }) => lost.length)).toEqual([2, 2, 2, 2, 0])
    expect(outcomes.at(-1)).toBeNull()
    stop.abort()
    await world.run(ended)
  })

  test('a channel that never answers holds up nobody, and its end is not waited for', async () => {
    const { world, alerter, stop, ended } = await alerting((_, signal) => {
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('called off'))))
    })
    for (let round = 0; round < 100; round++) {
      alerter.noted(both(round % 2 === 0 ? 'no' : 'yes'))
      await world.pass(20 * MINUTE)
    }
    stop.abort()
    await world.run(ended)
  })

  test('a watch tells what is lost and back, and nothing of what it mends within a minute', {
    timeout: 30_000,
  }, async () => {
    const h = await home('pcp')
    const watch = h.start()
    const { daemon } = watch
    const sent: Alert[] = []
    const alerter = new Alerter({
      clock: h.own.clock,
      channels: [{ name: 'command', send: async (alert) => void sent.push(alert) }],
      alertOf: (news) => {
        const diagnosis = daemon.view.measured?.diagnosis ?? null
        return alertOf(news, { host: 'node1', language: 'fr', nowMs: h.own.clock.nowMs(), diagnosis })
      },
      onOutcome: () => {},
    })
    const stop = new AbortController()
    const ended = alerter.run(stop.signal)
    const pass = async (minutes: number) => {
      for (let passed = 0; passed < minutes * 3; passed++) {
        await h.world.pass(MINUTE / 3)
        alerter.noted(new Map([...daemon.view.stated].map(([name, { answer }]) => [name, answer])))
      }
    }
    await pass(3)
    rebootRouter(h, 'box')
    await pass(5)
    expect(sent).toEqual([])
    await h.world.run(daemon.undo('all'))
    await pass(5)
    expect(sent.map(({ kind, lost }) => [kind, lost.length])).toEqual([['lost', 2]])
    expect(sent[0]!.subject).toBe('Les inconnus ne parviennent plus à UDP et TCP 4001 (IPv4) sur node1.')
    expect(sent[0]!.obstacles.map(({ id }) => id)).toEqual(['router-source-nat'])
    await h.world.run(daemon.apply(planId(daemon.view.measured!.plan)))
    await pass(15)
    expect(sent.map(({ kind }) => kind)).toEqual(['lost', 'back'])
    stop.abort()
    await h.world.run(ended)
    await watch.stop()
  })
})

const never = new AbortController().signal
let folder = ''
let server: Server | undefined
afterEach(() => {
  server?.close()
  server?.closeAllConnections()
  if (folder !== '') rmSync(folder, { recursive: true })
  folder = ''
})

/** A program of the test's own, in a folder of its own. */
function program(script: string): string {
  folder = mkdtempSync(join(tmpdir(), 'peerway-alert-'))
  const path = join(folder, 'program')
  writeFileSync(path, `#!/bin/sh\ncd "$(dirname "$0")"\n${script}\n`, { mode: 0o755 })
  return path
}
const written = (name: string) => readFileSync(join(folder, name), 'utf8')

describe('a command', () => {
  test('gets the alert on its standard input, its words as they are, and no secrets of ours', async () => {
    const path = program('cat >alert; printf "%s|" "$PEERWAY_ALERT" "$@" >words; env >env')
    process.env.PEERWAY_TOKEN = 'secret'
    await commandChannel([path, 'a b', '$(id)', ';']).send(ALERT, never)
    delete process.env.PEERWAY_TOKEN
    expect(JSON.parse(written('alert'))).toEqual(ALERT)
    expect(written('words')).toBe('lost|a b|$(id)|;|')
    expect(written('env')).not.toContain('secret')
  })

  test.each([
    ['that fails', 'echo no modem >&2; exit 3', /ended with status 3: no modem$/],
    ['that hangs, with what it has started', 'sleep 600 & sleep 600', /did not end within 0\.3 s/],
  ])('%s is told', async (_, script, why) => {
    await expect(commandChannel([program(script)], 300).send(ALERT, never)).rejects.toThrow(why)
  })

  test('that is not there is told', async () => {
    await expect(commandChannel(['/nonexistent/x']).send(ALERT, never)).rejects.toThrow(/cannot be run/)
  })
})

describe('a mail', () => {
  test('goes to sendmail, with an address that is an argument and nothing else', async () => {
    const path = program('cat >mail; printf "%s|" "$@" >words')
    await mailChannel('ops@example.org', path).send(ALERT, never)
    expect(written('words')).toBe('-i|--|ops@example.org|')
    const [head, body] = written('mail').split('\n\n')
    expect(head).toContain('To: ops@example.org\n')
    expect(head).toContain('Auto-Submitted: auto-generated')
    expect(Buffer.from(body!, 'base64').toString()).toBe(`${ALERT.text}\n`)
  })

  test('whose subject is French, long, or tries to be a head, is one subject', () => {
    const subject = `Les inconnus ne parviennent plus à é${'é'.repeat(100)}\r\nBcc: all@example.org`
    const head = mailOf({ ...ALERT, subject }, 'ops@example.org').split('\n\n')[0]!
    expect(head).not.toMatch(/^Bcc/m)
    for (const line of head.split('\n')) expect(line.length).toBeLessThanOrEqual(76 + 'Subject: '.length)
    const words = [...head.matchAll(/=\?utf-8\?B\?([^?]*)\?=/g)].map(([, word]) =>
      Buffer.from(word!, 'base64').toString(),
    )
    expect(words.join('')).toBe(subject.replace('\r\n', ' '))
  })
})

describe('a webhook', () => {
  async function listening(answer: (respond: (status: number, location?: string) => void) => void) {
    const got: { readonly method: string | undefined; readonly body: string }[] = []
    server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      got.push({ method: request.method, body })
      answer((status, location) => {
        response.writeHead(status, location === undefined ? {} : { location }).end('x'.repeat(100_000))
      })
    })
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/secret`)
    return { url, got }
  }

  test('gets the alert as JSON', async () => {
    const { url, got } = await listening((respond) => respond(204))
    await webhookChannel(url).send(ALERT, never)
    expect(got.map(({ method, body }) => [method, JSON.parse(body)])).toEqual([['POST', ALERT]])
  })

  test.each([
    ['an error', 500, /^it answers 500$/],
    ['a redirect, which is not followed', 302, /^it answers 302$/],
  ])('%s is told', async (_, status, why) => {
    const { url, got } = await listening((respond) => respond(status, 'http://127.0.0.1:1/'))
    await expect(webhookChannel(url).send(ALERT, never)).rejects.toThrow(why)
    expect(got).toHaveLength(1)
  })

  test('silence is told, and the secret in its address never', async () => {
    const { url } = await listening(() => {})
    const silence = webhookChannel(url, 300).send(ALERT, never)
    await expect(silence).rejects.toThrow(/^it does not answer within 0\.3 s$/)
    await expect(webhookChannel(new URL('http://127.0.0.1:1/secret')).send(ALERT, never)).rejects.toThrow(
      /^(?!.*secret).*ECONNREFUSED/,
    )
  })
})

describe('settings', () => {
  const none = { webhook: undefined, command: undefined, email: undefined }
  test.each([
    ['a webhook of another scheme', { ...none, webhook: 'file:///etc/passwd' }],
    ['a webhook that is no address', { ...none, webhook: 'example.org' }],
    ['an empty command', { ...none, command: [''] }],
    ['a mail address that is an option', { ...none, email: '-oQ/tmp' }],
    ['a mail address of two', { ...none, email: 'a@example.org,b@example.org' }],
    ['a mail address with a line break', { ...none, email: 'a@example.org\nBcc: b@example.org' }],
  ])('%s is refused', (_, alerts) => {
    expect(() => alertChannels(alerts)).toThrow(expect.objectContaining({ code: 'bad-input' }))
  })

  test('what is good is taken', () => {
    const alerts = { webhook: 'https://example.org/x', command: ['/bin/true'], email: 'ops+node@example.org' }
    expect(alertChannels(alerts).map(({ name }) => name)).toEqual(['webhook', 'command', 'e-mail'])
  })
})
