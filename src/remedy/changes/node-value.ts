import type { Host } from '../../host/host.ts'
import { formatEndpoint } from '../../model/endpoint.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import { isNodeKind, NODE_KINDS } from '../../nodes/kinds.ts'
import type { NodeKind } from '../../nodes/node-kind.ts'
import type { NodeSettings, NodeValue } from '../../nodes/reconfiguring.ts'
import { valueAt } from '../../nodes/value-at.ts'
import type { ChangeKind, NodeValueChange } from '../change.ts'

/** One setting of a node, by its own interface, so that it keeps the file as it likes it. */
export const nodeValue: ChangeKind<NodeValueChange> = {
  async apply(host, change) {
    const value = await valueNow(host, change)
    if (isSame(value, change.to)) return change
    if (!isSame(value, change.from)) {
      throw new PeerwayError('busy', errorText('error.changed-since', { what: change.key }))
    }
    await write(host, change, change.to)
    return change
  },

  async state(host, change) {
    const settings = await settingsOf(change).read(host, change.at)
    if (settings === undefined) return 'unknown'
    const value = valueAt(settings, change.key) ?? null
    if (isSame(value, change.to)) return 'present'
    return isSame(value, change.from) ? 'absent' : 'altered'
  },

  async undo(host, change) {
    const settings = await settingsOf(change).read(host, change.at)
    if (settings === undefined) return { outcome: 'left', why: unanswered(change) }
    const value = valueAt(settings, change.key) ?? null
    if (isSame(value, change.from)) return { outcome: 'was-gone' }
    if (!isSame(value, change.to)) {
      const shown = JSON.stringify(value).slice(0, MOST_SHOWN)
      return { outcome: 'left', why: errorText('error.left.setting-changed', { name: change.key, value: shown }) }
    }
    await write(host, change, change.from)
    return { outcome: 'undone' }
  },
}

const MOST_SHOWN = 200

function settingsOf({ node }: NodeValueChange): NodeSettings {
  const kind: NodeKind | undefined = isNodeKind(node) ? NODE_KINDS[node] : undefined
  const settings = kind?.reconfiguring?.settings
  if (settings == null) throw new PeerwayError('bad-input', errorText('error.node-no-settings', { node }))
  return settings
}

/** Null where the key is not set. */
async function valueNow(host: Host, change: NodeValueChange): Promise<unknown> {
  const settings = await settingsOf(change).read(host, change.at)
  if (settings === undefined) throw new PeerwayError('not-available', unanswered(change))
  return valueAt(settings, change.key) ?? null
}

async function write(host: Host, change: NodeValueChange, value: NodeValue | null): Promise<void> {
  if (await settingsOf(change).write(host, change.at, change.key, value)) return
  throw new PeerwayError(
    'not-available',
    errorText('error.node-refused', { at: formatEndpoint(change.at), key: change.key }),
  )
}

function unanswered({ at, key }: NodeValueChange) {
  return errorText('error.node-silent', { at: formatEndpoint(at), key })
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
