import { exchangeHttp } from '../gateway/http-exchange.ts'
import type { Host } from '../host/host.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Json } from '../ruleset/json.ts'
import { parseJson } from './place.ts'

const PATIENCE_MS = 3000

/** `ipfs config ARGS`; undefined where Kubo does not answer, or not so. */
export function kuboConfig(host: Host, at: Endpoint, args: readonly string[], more = ''): Promise<Json> {
  const query = args.map((arg) => `arg=${encodeURIComponent(arg).replaceAll("'", '%27')}`).join('&')
  return ask(host, at, `/api/v0/config?${query}${more}`)
}

/** All settings, without the private key. */
export function kuboSettings(host: Host, at: Endpoint): Promise<Json> {
  return ask(host, at, '/api/v0/config/show')
}

async function ask(host: Host, at: Endpoint, path: string): Promise<Json> {
  const request = { method: 'POST', path, to: at } as const
  const exchange = await exchangeHttp(host, request, { timeoutMs: PATIENCE_MS })
  if (exchange.outcome !== 'answered' || exchange.response.status !== 200) return undefined
  return parseJson(new TextDecoder().decode(exchange.response.body))
}
