import type { AddressId } from '../address-book.ts'
import type { Machine } from '../machine.ts'
import { serve } from './hold-listener.ts'

const PAGE = new TextEncoder().encode(
  'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<title>Router</title><h1>Router</h1>\n',
)

/** A router's administration page on TCP 80 of some of its addresses. Whatever is asked, the answer is the same. */
export function holdPage(machine: Machine, addresses: readonly AddressId[]): void {
  for (const address of addresses) {
    machine.tcp.listen({
      address,
      families: [machine.world.addresses.isIpv6(address) ? 'ipv6' : 'ipv4'],
      port: 80,
      owner: { process: 'httpd', pid: 1001 },
      onConnection: (endpoint) => {
        serve(endpoint, () => {
          if (!endpoint.canWrite) return
          endpoint.write(PAGE)
          endpoint.close()
        })
      },
    })
  }
}
