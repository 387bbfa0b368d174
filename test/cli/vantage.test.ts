import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { runBuilt } from './run-built.ts'

const env = { XDG_CONFIG_HOME: '/nonexistent' }

test.each<[what: string, args: readonly string[], says: string]>([
  ['an address that is a name', ['--address', 'example.org'], '"example.org" is not an address'],
  ['half of a 1:1 NAT', ['--address', '203.0.113.7='], '"203.0.113.7=" is not an address'],
  ['one address too many', ['--address', '203.0.113.7=10.0.0.1=10.0.0.2'], 'is not an address'],
  ['two families', ['--address', '203.0.113.7=::1'], 'both must be IPv4 or both IPv6'],
  ['an address of somebody else', ['--address', '203.0.113.7'], '203.0.113.7'],
  ['a port out of range', ['--address', '127.0.0.1', '--port', '65536'], 'port 65536 is out of range'],
  ['an empty token', ['--address', '127.0.0.1', '--token', ''], 'the token is empty'],
  ['an unknown option', ['--adress', '127.0.0.1'], 'vantage has no option --adress'],
])('%s costs one line and exit status 2', async (_, args, says) => {
  const { status, stdout, stderr } = await runBuilt(['vantage', ...args], { env })
  expect(stderr).toContain(says)
  expect(stderr).toMatch(/^peerway: [^\n]+\n$/)
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
})

test('a port that is taken costs one line and exit status 2', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const { status, stdout, stderr } = await runBuilt(['vantage', '--address', '127.0.0.1', '--port', String(port)], {
    env,
  })
  server.close()
  expect(stderr).toMatch(new RegExp(`^peerway: [^\n]*${port}[^\n]*\n$`))
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
})

test('tells what to send to a friend, and ends well when it is stopped', async () => {
  const args = ['vantage', '--address', '127.0.0.1', '--port', '24781']
  const { status, stdout, stderr } = await runBuilt(args, { env, signalAfterLine: 'SIGTERM' })
  expect(stdout).toBe(
    'listening on 127.0.0.1, ports 24781 and 24782\n' +
      'ready; whom you help types: npx peerway check --port PORT --vantage 127.0.0.1:24781\n',
  )
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test('warns of a token that can be guessed', async () => {
  const args = ['vantage', '--address', '127.0.0.1', '--port', '24785', '--token', 'x']
  const { status, stderr } = await runBuilt(args, { env, signalAfterLine: 'SIGINT' })
  expect(stderr).toMatch(/^peerway: a token of under 16 characters [^\n]*\n$/)
  expect(status).toBe(0)
})
