import { DEFAULT_SERVER_PORT } from '../asked.ts'
import type { Host } from '../host/host.ts'
import { openOsHost } from '../host/os/os-host.ts'
import { formatEndpoint } from '../model/endpoint.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import { parseAddress, parsePort, scopeOf } from '../model/ip.ts'
import { type MessageParams, message } from '../model/message.ts'
import { type Language, renderMessage } from '../report/render-message.ts'
import type { NamedAddress } from '../vantage/faces.ts'
import { type RunningVantage, startVantage } from '../vantage/server.ts'
import { readArguments } from './arguments.ts'
import { showHelp } from './help.ts'
import type { Command } from './io.ts'
import { readSettings } from './settings.ts'

const OPTIONS = {
  address: { type: 'string', multiple: true },
  'alternate-address': { type: 'string' },
  port: { type: 'string' },
  token: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

const GUESSABLE_BELOW = 16

export const runVantage: Command = async (args, io) => {
  const { values } = readArguments('vantage', args, OPTIONS)
  if (values.help) return showHelp('vantage', io)
  const alternate = values['alternate-address']
  const { token, language } = await readSettings({ token: values.token }, io)
  if (token !== undefined && token !== '' && token.length < GUESSABLE_BELOW) {
    io.stderr.write(
      `peerway: ${renderMessage(message('vantage.token-short', { characters: GUESSABLE_BELOW }), language)}\n`,
    )
  }
  const host = openOsHost()
  const interrupted = io.interrupted()
  await using vantage = await startVantage(host, {
    addresses: values.address?.map(parseNamedAddress) ?? (await globalAddresses(host)),
    ...(alternate === undefined ? {} : { alternateAddress: parseNamedAddress(alternate) }),
    port: parsePortFlag(values.port),
    ...(token === undefined ? {} : { token }),
  })
  io.stdout.write(greeting(vantage, language))
  await interrupted
  return 0
}

/** What is served, and the line that the operator sends to a friend. */
function greeting({ addresses, port, alternatePort }: RunningVantage, language: Language): string {
  const say = (id: string, params: MessageParams) => `${renderMessage(message(id, params), language)}\n`
  const other = alternatePort === null ? {} : { other: alternatePort }
  const bound = addresses.map((address) => say('vantage.listening', { address, port, ...other }))
  const [first] = addresses
  const server = port === DEFAULT_SERVER_PORT ? first! : formatEndpoint({ address: first!, port })
  return `${bound.join('')}${say('vantage.ready', { command: `npx peerway check --port PORT --vantage ${server}` })}`
}

function parsePortFlag(text: string | undefined): number {
  if (text === undefined) return DEFAULT_SERVER_PORT
  const port = parsePort(text)
  if (port === undefined) throw new PeerwayError('bad-input', errorText('error.port-range', { text }))
  return port
}

/** `203.0.113.7`, or `203.0.113.7=10.0.0.5` behind a 1:1 NAT; IPv6 with or without brackets. */
function parseNamedAddress(text: string): NamedAddress {
  const [seenText = '', bindText = seenText, ...rest] = text.split('=')
  const [seen, bind] = [seenText, bindText].map((part) => parseAddress(part.replace(/^\[(.*:.*)\]$/, '$1')))
  if (seen === undefined || bind === undefined || rest.length > 0) {
    throw new PeerwayError('bad-input', errorText('error.vantage-address', { text }))
  }
  return { public: seen, bind }
}

async function globalAddresses(host: Host): Promise<readonly NamedAddress[]> {
  const addresses = (await host.network.addresses()).map(({ address }) => address)
  const found = [...new Set(addresses)].filter((address) => scopeOf(address) === 'global')
  if (found.length === 0) {
    throw new PeerwayError('bad-input', errorText('error.vantage-no-address'))
  }
  return found.map((address) => ({ public: address, bind: address }))
}
