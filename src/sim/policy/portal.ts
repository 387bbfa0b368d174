import { PORTAL_PAGE, PORTAL_PORT } from '../../topology/topology.ts'
import { ANY } from '../address-book.ts'
import { serve } from '../guests/hold-listener.ts'
import type { TcpListening } from '../stack/tcp-stack.ts'

const REDIRECT = `HTTP/1.1 302 Found\r\nLocation: ${PORTAL_PAGE}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`
const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'

/** A captive portal's program: a web server that sends everybody to one page. Whatever is no request for a page, it refuses. */
export const PORTAL: TcpListening = {
  address: ANY,
  families: ['ipv4', 'ipv6'],
  port: PORTAL_PORT,
  owner: { process: 'portal', pid: 1002 },
  onConnection: (endpoint) => {
    serve(endpoint, (data) => {
      if (!endpoint.canWrite) return
      const isRequest = new TextDecoder('latin1').decode(data).startsWith('GET ')
      endpoint.write(new TextEncoder().encode(isRequest ? REDIRECT : BAD_REQUEST))
      endpoint.close()
    })
  },
}
