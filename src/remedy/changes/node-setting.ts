import type { Host } from '../../host/host.ts'
import { formatEndpoint } from '../../model/endpoint.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import type { Message } from '../../model/message.ts'
import type { AnnounceSetting } from '../../nodes/announce.ts'
import { isNodeKind, NODE_KINDS } from '../../nodes/kinds.ts'
import type { ChangeKind, NodeSettingChange } from '../change.ts'

/** Entries added to a list in the settings of a node, by its own interface, so that it keeps the file as it likes it. */
export const nodeSetting: ChangeKind<NodeSettingChange> = {
  async apply(host, change) {
    const setting = settingOf(change)
    const value = await setting.read(host, change.at)
    if (hasAll(value, change.add)) return change
    if (value === undefined) throw new PeerwayError('not-available', unanswered(change))
    if (!isSame(value, change.from))
      throw new PeerwayError('busy', errorText('error.changed-since', { what: change.key }))
    await write(host, setting, change, [...(value ?? []), ...change.add])
    return change
  },

  async state(host, change) {
    const value = await settingOf(change).read(host, change.at)
    if (value === undefined) return 'unknown'
    if (hasAll(value, change.add)) return 'present'
    return hasNone(value, change.add) ? 'absent' : 'altered'
  },

  async undo(host, change) {
    const setting = settingOf(change)
    const value = await setting.read(host, change.at)
    if (value === undefined) return { outcome: 'left', why: unanswered(change) }
    if (hasNone(value, change.add)) return { outcome: 'was-gone' }
    const rest = (value ?? []).filter((entry) => !change.add.includes(entry))
    await write(host, setting, change, isSame(rest, change.from ?? []) ? change.from : rest)
    return { outcome: 'undone' }
  },
}

function settingOf({ node }: NodeSettingChange): AnnounceSetting {
  const setting = isNodeKind(node) ? NODE_KINDS[node].announcing?.setting : undefined
  if (setting == null) throw new PeerwayError('bad-input', errorText('error.node-no-settings', { node }))
  return setting
}

async function write(
  host: Host,
  setting: AnnounceSetting,
  change: NodeSettingChange,
  value: readonly string[] | null,
): Promise<void> {
  if (await setting.write(host, change.at, value)) return
  throw new PeerwayError(
    'not-available',
    errorText('error.node-refused', { at: formatEndpoint(change.at), key: change.key }),
  )
}

function unanswered({ at, key }: NodeSettingChange): Message {
  return errorText('error.node-silent', { at: formatEndpoint(at), key })
}

type Value = readonly string[] | null | undefined

function hasAll(value: Value, entries: readonly string[]): boolean {
  return entries.every((entry) => value?.includes(entry))
}

function hasNone(value: Value, entries: readonly string[]): boolean {
  return !entries.some((entry) => value?.includes(entry))
}

function isSame(a: Value, b: Value): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
