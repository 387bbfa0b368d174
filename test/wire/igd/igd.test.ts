import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HttpResponseReader } from '../../../src/wire/http1/response-reader.ts'
import { decodeDescription, encodeDescription, printable } from '../../../src/wire/igd/description.ts'
import { parseLocation, resolveLocation } from '../../../src/wire/igd/location.ts'
import { FIREWALL_SERVICE, WAN_SERVICES } from '../../../src/wire/igd/services.ts'
import {
  decodeSoapCall,
  decodeSoapReply,
  encodeSoapCall,
  encodeSoapFault,
  encodeSoapReturn,
  soapActionField,
} from '../../../src/wire/igd/soap.ts'
import { PROPERTY_RUNS } from '../property.ts'
import * as captured from './captured.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function bodyOf(response: Uint8Array): Uint8Array {
  const read = new HttpResponseReader().push(response)
  if (read.state !== 'done') throw new Error(read.state)
  return read.response.body
}

describe('miniupnpd', () => {
  test('describes itself', () => {
    expect(decodeDescription(bodyOf(captured.MINIUPNPD_DESCRIPTION))).toEqual({
      ok: true,
      value: {
        model: 'Debian router 1',
        udn: 'uuid:8d94fefb-5d4e-4c93-8685-d84772602c82',
        urlBase: '',
        services: [
          { service: WAN_SERVICES[0], controlUrl: '/ctl/IPConn' },
          { service: FIREWALL_SERVICE, controlUrl: '/ctl/IP6FCtl' },
        ],
      },
    })
  })

  const returned = (values: Record<string, string>) => ({
    ok: true,
    value: { kind: 'returned', values: new Map(Object.entries(values)) },
  })
  const entry = {
    NewInternalPort: '4001',
    NewInternalClient: '192.168.1.10',
    NewEnabled: '1',
    NewPortMappingDescription: 'peerway:k3j9x0ab',
    NewLeaseDuration: '3600',
  }
  test.each([
    ['AddAnyPortMapping', captured.MINIUPNPD_ADD_ANY, returned({ NewReservedPort: '4001' })],
    ['GetSpecificPortMappingEntry', captured.MINIUPNPD_ENTRY, returned(entry)],
    [
      'GetGenericPortMappingEntry',
      captured.MINIUPNPD_LISTED,
      returned({ NewRemoteHost: '', NewExternalPort: '4001', NewProtocol: 'UDP', ...entry }),
    ],
    ['GetExternalIPAddress', captured.MINIUPNPD_EXTERNAL, returned({ NewExternalIPAddress: '45.67.89.2' })],
    ['GetStatusInfo', captured.MINIUPNPD_STATUS, { ok: true, value: { kind: 'returned' } }],
    [
      'GetSpecificPortMappingEntry',
      captured.MINIUPNPD_FAULT,
      { ok: true, value: { kind: 'fault', code: 714, description: 'NoSuchEntryInArray' } },
    ],
    ['DeletePortMapping', captured.MINIUPNPD_ENTRY, { ok: false, code: 'another-action' }],
  ])('answers %s', (action, response, expected) => {
    expect(decodeSoapReply(bodyOf(response), action)).toMatchObject(expected)
  })
})

describe('descriptions', () => {
  const described = (inner: string) => decodeDescription(bytes(`<root><device>${inner}</device></root>`))
  test.each([
    [
      'the maker only once',
      '<manufacturer>AVM</manufacturer><modelName>AVM FRITZ!Box 7590</modelName>',
      'AVM FRITZ!Box 7590',
    ],
    [
      'the number too',
      '<manufacturer>ACME</manufacturer><modelName>R</modelName><modelNumber>7</modelNumber>',
      'ACME R 7',
    ],
    ['the number only once', '<modelName>R7000</modelName><modelNumber>7000</modelNumber>', 'R7000'],
    ['nothing', '', ''],
    ['at most 128 characters', `<modelName>${'x'.repeat(500)}</modelName>`, 'x'.repeat(128)],
    ['no control characters', '<modelName>a&#x9b;2J&#x202e;b</modelName>', 'a 2J b'],
  ])('a model: %s', (_, inner, model) => expect(described(inner)).toMatchObject({ value: { model } }))

  test('of no device are none', () => {
    expect(decodeDescription(bytes('<root/>'))).toMatchObject({ code: 'not-a-device' })
    expect(decodeDescription(bytes('<html><device/></html>'))).toMatchObject({ code: 'not-a-device' })
  })

  test('with a hundred services keep 16', () => {
    const one = `<service><serviceType>${WAN_SERVICES[1]}</serviceType><controlURL>/</controlURL></service>`
    const decoded = described(`<serviceList>${one.repeat(100)}</serviceList>`)
    expect(decoded.ok && decoded.value.services.length).toBe(16)
  })

  test('that are encoded are decoded again', () => {
    const services = [{ service: WAN_SERVICES[0], controlUrl: '/a?b=c&d' }]
    const encoded = encodeDescription(2, { model: 'a<b', services }, 'u')
    const value = { model: 'peerway a<b', udn: 'uuid:u0', urlBase: '', services }
    expect(decodeDescription(encoded)).toEqual({ ok: true, value })
  })
})

describe('locations', () => {
  test.each<[string, object | string]>([
    ['http://192.168.1.1:5000/a/b.xml', { address: '192.168.1.1', port: 5000, path: '/a/b.xml' }],
    ['http://192.168.1.1', { address: '192.168.1.1', port: 80, path: '/' }],
    ['HTTP://192.168.1.1?x', { address: '192.168.1.1', port: 80, path: '/?x' }],
    ['http://192.168.1.1/a?b#c', { address: '192.168.1.1', port: 80, path: '/a?b' }],
    ['http://[2001:DB8::1]:80/', { address: '2001:db8::1', port: 80, path: '/' }],
    ['http://[192.168.1.1]/', 'name'],
    ['http://2001:db8::1/', 'malformed'],
    ['http://[fe80::1%25eth0]:5000/d', { address: 'fe80::1', port: 5000, path: '/d' }],
    ['http://[fe80::1%2]/', { address: 'fe80::1', port: 80, path: '/' }],
    ['http://[fe80::1%]/', 'name'],
    ['http://[fe80::1%25a%25b]/', 'name'],
    ['http://[2001:db8::1%25eth0]/', 'name'],
    ['http://192.168.1.1.:80/', 'name'],
    ['http://0xc0a80101/', 'name'],
    ['http://192.168.1/', 'name'],
    ['http:///a', 'name'],
    ['http://192.168.1.1:/', 'malformed'],
    ['http://192.168.1.1:99999/', 'malformed'],
    ['http://192.168.1.1 /', 'malformed'],
    ['http:/192.168.1.1/', 'malformed'],
    ['http://a@192.168.1.1/', 'userinfo'],
    ['ftp://192.168.1.1/', 'scheme'],
    ['javascript://192.168.1.1/', 'scheme'],
    [`http://192.168.1.1/${'a'.repeat(2000)}`, 'malformed'],
  ])('%s', (text, expected) => {
    const parsed = parseLocation(text)
    expect(parsed.ok ? parsed.value : parsed.code).toEqual(expected)
  })

  const base = { address: '192.168.1.1', port: 5000, path: '/dir/desc.xml?x=/y' }
  test.each<[string, object | string]>([
    ['/ctl', { ...base, path: '/ctl' }],
    ['ctl', { ...base, path: '/dir/ctl' }],
    ['?q', { ...base, path: '/dir/?q' }],
    ['http://192.168.1.2/', { address: '192.168.1.2', port: 80, path: '/' }],
    ['//192.168.1.2/a', { address: '192.168.1.2', port: 80, path: '/a' }],
    ['//evil.example/a', 'name'],
    ['mailto:x', 'malformed'],
    ['', 'malformed'],
    ['/a b', 'malformed'],
    ['/a\r\nb', 'malformed'],
    ['\\\\evil', 'malformed'],
  ])('%s beside a description', (text, expected) => {
    const resolved = resolveLocation(text, base)
    expect(resolved.ok ? resolved.value : resolved.code).toEqual(expected)
  })
})

describe('SOAP', () => {
  test('calls and returns are decoded as they were encoded', () => {
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,20}$/)
    const values = fc.uniqueArray(fc.tuple(name, fc.string({ unit: 'grapheme-ascii' })), {
      selector: ([key]) => key,
      maxLength: 8,
    })
    fc.assert(
      fc.property(name, values, (action, given) => {
        const expected = new Map(given.map(([key, value]) => [key, value.trim()]))
        expect(decodeSoapCall(encodeSoapCall(WAN_SERVICES[0], action, given))).toEqual({
          ok: true,
          value: { action, values: expected },
        })
        expect(decodeSoapReply(encodeSoapReturn(WAN_SERVICES[0], action, given), action)).toEqual({
          ok: true,
          value: { kind: 'returned', values: expected },
        })
      }),
      PROPERTY_RUNS,
    )
  })

  test('faults are', () => {
    expect(decodeSoapReply(encodeSoapFault(718, 'a <b>'), 'X')).toEqual({
      ok: true,
      value: { kind: 'fault', code: 718, description: 'a <b>' },
    })
  })

  test.each([
    ['an action', () => encodeSoapCall('x', 'A B', [])],
    ['an argument', () => encodeSoapCall('x', 'A', [['B><C', '']])],
    ['the field of an action', () => soapActionField('x', 'A"\r\nX: y')],
  ])('%s that is no name is refused', (_, encode) => expect(encode).toThrow(RangeError))

  test.each([
    ['no envelope', '<a/>', 'not-soap'],
    ['an empty body', '<Envelope><Body/></Envelope>', 'not-soap'],
    ['a fault without a code', '<Envelope><Body><Fault><faultcode>x</faultcode></Fault></Body></Envelope>', 'not-soap'],
    [
      'a fault with a code of words',
      '<Envelope><Body><Fault><detail><UPnPError><errorCode>no</errorCode></UPnPError></detail></Fault></Body></Envelope>',
      'not-soap',
    ],
    ['another answer', '<Envelope><Body><YResponse/></Body></Envelope>', 'another-action'],
    ['a document type', '<!DOCTYPE a><Envelope><Body><XResponse/></Body></Envelope>', 'dtd'],
  ])('%s', (_, text, code) => expect(decodeSoapReply(bytes(text), 'X')).toMatchObject({ ok: false, code }))
})

test('printable text has no control or format characters, and an end', () => {
  expect(printable('a\u0000b\u202ec\u00a0\n d', 10)).toBe('a b c d')
  expect(printable('\u{1f600}'.repeat(5), 2)).toBe('\u{1f600}\u{1f600}')
})
