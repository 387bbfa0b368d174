import { describe, expect, test } from 'vitest'
import { parsePortSpecs, parseServerSpec } from '../src/asked.ts'

describe('a port', () => {
  test.each([
    ['4001', ['udp/4001', 'tcp/4001']],
    ['udp/4001', ['udp/4001']],
    ['tcp/65535', ['tcp/65535']],
    ['tcp/1', ['tcp/1']],
  ])('%s', (text, specs) => {
    expect(parsePortSpecs(text).map(({ transport, port }) => `${transport}/${port}`)).toEqual(specs)
  })

  test.each([
    ['0', 'port 0 is out of range'],
    ['65536', 'port 65536 is out of range'],
    ['udp/99999999999', 'out of range'],
    ['-1', 'is not a port'],
    ['', 'is not a port'],
    ['sctp/4001', 'is not a port'],
    ['4001/udp', 'is not a port'],
    ['4001-4005', 'is not a port'],
    ['0x10', 'is not a port'],
    ['40 01', 'is not a port'],
  ])('%s is refused', (text, message) => {
    expect(() => parsePortSpecs(text)).toThrow(expect.objectContaining({ code: 'bad-input' }))
    expect(() => parsePortSpecs(text)).toThrow(message)
  })
})

describe('a server', () => {
  test.each([
    ['198.51.100.10', '198.51.100.10', 3478],
    ['198.51.100.10:3479', '198.51.100.10', 3479],
    ['2001:db8::1', '2001:db8::1', 3478],
    ['[2001:db8::1]', '2001:db8::1', 3478],
    ['[2001:DB8:0::1]:3479', '2001:db8::1', 3479],
    ['vantage.example.org', 'vantage.example.org', 3478],
    ['vantage.example.org.:80', 'vantage.example.org.', 80],
    ['localhost', 'localhost', 3478],
  ])('%s', (text, host, port) => {
    expect(parseServerSpec(text)).toEqual({ name: text, host, port })
  })

  test.each([
    ['', 'neither a name nor an IP address'],
    ['198.51.100', 'neither a name nor an IP address'],
    ['198.51.100.256', 'neither a name nor an IP address'],
    ['-bad-.example.org', 'neither a name nor an IP address'],
    ['a..b', 'neither a name nor an IP address'],
    ['[198.51.100.10]', 'neither a name nor an IP address'],
    ['[2001:db8::1', 'write HOST'],
    ['2001:db8::1:x', 'write HOST'],
    ['stun://example.org', 'write HOST'],
    ['http://example.org/', 'write HOST'],
    ['example.org:0', 'its port is not 1 to 65535'],
    ['example.org:70000', 'its port is not 1 to 65535'],
    ['example.org:', 'its port is not 1 to 65535'],
    ['0.0.0.0', 'no host on the Internet has that address'],
    ['255.255.255.255', 'no host on the Internet has that address'],
    ['[ff02::1]:3478', 'no host on the Internet has that address'],
  ])('%s is refused', (text, message) => {
    expect(() => parseServerSpec(text)).toThrow(expect.objectContaining({ code: 'bad-input' }))
    expect(() => parseServerSpec(text)).toThrow(message)
  })
})
