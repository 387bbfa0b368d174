import { expect, test } from 'vitest'
import { runBuilt } from './run-built.ts'

const noSettings = { XDG_CONFIG_HOME: '/nonexistent' }

/** One line that says what is wrong, exit status 2, nothing on standard output. */
test.each<[what: string, args: readonly string[], says: string]>([
  ['no port, and no node here', [], 'was found on this machine: name its port with --port 4001'],
  ['an unknown command', ['mend'], 'there is no command "mend"'],
  ['an unknown option', ['--prot', '4001'], 'check has no option --prot; see peerway check --help'],
  ['an unknown short option', ['-x'], 'check has no option -x'],
  ['an option of another command', ['fix', '--port', '1', '--html', 'x'], 'fix has no option --html'],
  ['an option without its value', ['--port', '1', '--vantage'], 'check wants a value after --vantage'],
  ['an option in place of a value', ['--vantage', '--json'], 'check wants a value after --vantage'],
  ['a value that nobody asked for', ['--json=yes'], 'check takes no value after --json'],
  ['one argument too many', ['check', '4001'], 'check takes no argument "4001"'],
  ['a command after its options', ['--json', 'check'], 'check takes no argument "check"'],
  ['port 0', ['--port', '0'], 'port 0 is out of range: 1 to 65535'],
  ['port 65536', ['--port', 'udp/65536'], 'port 65536 is out of range: 1 to 65535'],
  ['a port that is none', ['--port', 'http'], '"http" is not a port: write udp/4001, tcp/4001, or 4001 for both'],
  ['a transport that is none', ['--port', 'sctp/1'], '"sctp/1" is not a port'],
  ['a kind that is none', ['--node', 'kubo'], '"kubo" is no kind of node; there are: phala, khala'],
  ['a kind without ports', ['--node', 'libp2p'], 'libp2p has no port of its own: name yours with --port'],
  ['half an IPv4 address', ['--port', '1', '--vantage', '198.51.100'], '"198.51.100" is not a server'],
  ['an open bracket', ['--port', '1', '--vantage', '[2001:db8::1'], '"[2001:db8::1" is not a server'],
  ['a vantage port out of range', ['--port', '1', '--vantage', 'v:70000'], '"v:70000" is not a server: its port'],
  ['a language that is none', ['--port', '1', '--lang', 'de'], 'there is no language "de": en or fr'],
])('%s', async (_, args, says) => {
  const { status, stdout, stderr } = await runBuilt(args, { env: noSettings })
  expect(stderr).toContain(says)
  expect(stderr).toMatch(/^peerway: [^\n]+\n$/)
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
})
