import { GATEWAY_PROTOCOL_NAMES } from '../../src/report/gateway-protocol-names.ts'
import type { WatchMapping } from './api.ts'
import { useNow } from './use-now.ts'
import { useWords } from './words.ts'

const NAMES: Readonly<Record<string, string>> = GATEWAY_PROTOCOL_NAMES

export function Mappings({ mappings }: { readonly mappings: readonly WatchMapping[] }) {
  const { say, ago } = useWords()
  const now = useNow()
  return (
    <section class="card">
      <h2>{say('page.mappings')}</h2>
      {mappings.length === 0 && <p class="soft">{say('page.no-mappings')}</p>}
      <ul class="rows">
        {mappings.map(({ id, protocol, gateway, transport, internal, external, expiresAt, renewAt }) => (
          <li key={id}>
            <p>
              <b>{transport.toUpperCase()}</b> <span class="mono">{external}</span> →{' '}
              <span class="mono">{internal}</span>
            </p>
            <p class="soft">
              {[
                `${NAMES[protocol] ?? protocol}, ${gateway}`,
                expiresAt === null ? say('page.mapping-stays') : say('page.mapping-ends', { ago: ago(expiresAt, now) }),
                ...(renewAt === null ? [] : [say('page.mapping-renewed', { ago: ago(renewAt, now) })]),
              ].join('; ')}
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}
