import type { Endpoint } from '../model/endpoint.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import { parseAddress, parsePort, scopeOf } from '../model/ip.ts'

/** `127.0.0.1:9788`, `[::1]:9788`; an exact address, for a name may mean another tomorrow. */
export function parseListen(text: string): Endpoint {
  const match = /^(?:\[([^\]]+)\]|([0-9.]+)):([0-9]{1,5})$/.exec(text)
  const address = parseAddress(match?.[1] ?? match?.[2] ?? '')
  const port = match?.[3] === '0' ? 0 : parsePort(match?.[3] ?? '')
  if (address === undefined || port === undefined) {
    throw new PeerwayError(
      'bad-input',
      errorText('error.listen', { text, form: 'ADDRESS:PORT', formIpv6: '[IPV6]:PORT' }),
    )
  }
  if (scopeOf(address) === 'unspecified') {
    throw new PeerwayError('bad-input', errorText('error.listen-unspecified'))
  }
  return { address, port }
}
