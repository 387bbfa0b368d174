import { describe, expect, test } from 'vitest'
import { judgeAccess, readingToken } from '../../src/watch/server/access.ts'

const TOKEN = 'abcdefghijklmnopqrstuvwxyz012345'
const BEARER = { authorization: `Bearer ${TOKEN}` }
const COOKIE = { cookie: `other=1; peerway-token=${readingToken(TOKEN)}` }
const LOOPBACK = { hosts: ['localhost:9788', '127.0.0.1:9788'], token: TOKEN, isLoopback: true }
const LAN = { hosts: ['192.168.1.5:9788'], token: TOKEN, isLoopback: false }

type Row = readonly [what: string, method: string, headers: Record<string, string>, answer: string]

const outcome = (method: string, headers: Record<string, string>, rules: typeof LAN, isPublic = false) => {
  const access = judgeAccess({ method, isPublic, headers }, rules)
  return access.outcome === 'granted' ? 'granted' : access.code
}

describe('on loopback', () => {
  const cases: readonly Row[] = [
    ['reading needs nothing', 'GET', {}, 'granted'],
    ['a change without the token', 'POST', {}, 'token-wanted'],
    ['a change with the token', 'POST', BEARER, 'granted'],
    ['a change with a wrong token', 'POST', { authorization: 'Bearer abc' }, 'token-wanted'],
    ['a change with the cookie, which browsers send by themselves', 'POST', COOKIE, 'token-wanted'],
    ['a name that was made to lead here', 'GET', { host: 'evil.example:9788' }, 'wrong-host'],
    ['the right name and another port', 'GET', { host: 'localhost:80' }, 'wrong-host'],
    ['no host at all', 'GET', { host: '' }, 'wrong-host'],
    ['another site by its origin', 'POST', { ...BEARER, origin: 'http://evil.example' }, 'cross-site'],
    ['a page that hides its origin', 'GET', { origin: 'null' }, 'cross-site'],
    ['its own origin', 'POST', { ...BEARER, origin: 'http://localhost:9788' }, 'granted'],
    [
      'a script that another site loads',
      'GET',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
      'cross-site',
    ],
    ['another port of this host, which is another site', 'GET', { 'sec-fetch-site': 'same-site' }, 'cross-site'],
    ['its own page', 'GET', { 'sec-fetch-site': 'same-origin' }, 'granted'],
    ['an address that was typed', 'GET', { 'sec-fetch-site': 'none' }, 'granted'],
    [
      'a link on another page',
      'GET',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
      'granted',
    ],
    [
      'a frame on another page',
      'GET',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      'cross-site',
    ],
    [
      'a form on another page',
      'POST',
      { ...BEARER, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
      'cross-site',
    ],
  ]
  test.each(cases)('%s', (_, method, headers, answer) => {
    expect(outcome(method, { host: 'localhost:9788', ...headers }, LOOPBACK)).toBe(answer)
  })
})

describe('elsewhere', () => {
  const cases: readonly Row[] = [
    ['reading without the token', 'GET', {}, 'token-wanted'],
    ['reading with it', 'GET', BEARER, 'granted'],
    ['reading with the cookie', 'GET', COOKIE, 'granted'],
    ['changing with the cookie', 'POST', COOKIE, 'token-wanted'],
    ['changing with what the cookie holds', 'POST', { authorization: `Bearer ${readingToken(TOKEN)}` }, 'token-wanted'],
    ['reading with the token as a cookie', 'GET', { cookie: `peerway-token=${TOKEN}` }, 'token-wanted'],
    ['the name localhost', 'GET', { ...BEARER, host: 'localhost:9788' }, 'wrong-host'],
  ]
  test.each(cases)('%s', (_, method, headers, answer) => {
    expect(outcome(method, { host: '192.168.1.5:9788', ...headers }, LAN)).toBe(answer)
  })

  test('files of the page need no token', () => {
    expect(outcome('GET', { host: '192.168.1.5:9788' }, LAN, true)).toBe('granted')
  })
})
