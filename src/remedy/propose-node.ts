import type { Host } from '../host/host.ts'
import type { Diagnosis } from '../model/diagnosis.ts'
import type { NodeFact } from '../model/evidence.ts'
import { parseEndpoint } from '../model/ip.ts'
import type { Obstacle } from '../model/obstacle.ts'
import type { AnnounceSetting, OpenPlace } from '../nodes/announce.ts'
import { isNodeKind, NODE_KINDS } from '../nodes/kinds.ts'
import type { NodeKind } from '../nodes/node-kind.ts'
import type { NodeSettings, Wish } from '../nodes/reconfiguring.ts'
import { valueAt } from '../nodes/value-at.ts'
import type { WantedChange } from './journal.ts'
import type { RemedyId } from './remedy-ids.ts'

const OBSTACLE = 'announces-unreachable-address'

/** The places that obstacles of this kind say strangers get in at. */
export function openPlaces(obstacles: readonly Obstacle[]): readonly OpenPlace[] {
  return obstacles.flatMap(({ id, text: { params } }): readonly OpenPlace[] => {
    const { transport, external } = params
    const endpoint = typeof external === 'string' ? parseEndpoint(external) : undefined
    if (id !== OBSTACLE || endpoint === undefined || (transport !== 'tcp' && transport !== 'udp')) return []
    return [{ transport, external: endpoint }]
  })
}

/** The setting by which peerway itself can make this node announce an address; undefined where it cannot. */
export function announceSettingOf(node: NodeFact | null): AnnounceSetting | undefined {
  if (node?.access !== 'answered' || !isNodeKind(node.kind) || askedAt(node) === undefined) return undefined
  const kind: NodeKind = NODE_KINDS[node.kind]
  return kind.announcing?.setting ?? undefined
}

/** The changes of the node's own settings against what is proven of them. Asks the node for what they are now, and changes nothing. */
export async function proposeNodeChanges(
  host: Host,
  { obstacles, evidence }: Pick<Diagnosis, 'obstacles' | 'evidence'>,
): Promise<readonly WantedChange[]> {
  const node = evidence.find((one) => one.probe === 'node')?.value
  const setting = announceSettingOf(node ?? null)
  const places = openPlaces(obstacles.filter(({ certainty }) => certainty === 'proven'))
  if (node === undefined || setting === undefined || places.length === 0) return []
  const at = askedAt(node)!
  const from = await setting.read(host, at)
  if (from === undefined) return []
  const add = setting.entries(places).filter((entry) => from?.includes(entry) !== true)
  const content = { kind: 'node-setting', node: node.kind, at, key: setting.key, from, add } as const
  return [{ remedy: 'announce-reachable-address', clears: [OBSTACLE], endpoints: [], content }]
}

/** The settings by which peerway itself can tell this node to do otherwise; undefined where it cannot. */
export function settingsOf(node: NodeFact | null): NodeSettings | undefined {
  if (node?.access !== 'answered' || !isNodeKind(node.kind) || askedAt(node) === undefined) return undefined
  const kind: NodeKind = NODE_KINDS[node.kind]
  return kind.reconfiguring?.settings ?? undefined
}

/**
 * The changes of the node's settings that a wish comes to. No dial proves them, for the node takes them at its next start: that it
 * holds them does. Empty where all is so already.
 */
export async function proposeWish(
  host: Host,
  node: NodeFact | null,
  remedy: RemedyId,
  wish: Wish,
): Promise<readonly WantedChange[]> {
  const settings = settingsOf(node)
  if (node === null || settings === undefined) return []
  const at = askedAt(node)!
  const now = await settings.read(host, at)
  if (now === undefined) return []
  return Object.entries(settings.values(wish, now)).flatMap(([key, to]): readonly WantedChange[] => {
    const from = valueAt(now, key) ?? null
    if (JSON.stringify(from) === JSON.stringify(to)) return []
    const content = { kind: 'node-value', node: node.kind, at, key, from: from as typeof to | null, to } as const
    return [{ remedy, clears: [], endpoints: [], content }]
  })
}

/** Out of the URL at which it answered. */
function askedAt({ asked }: NodeFact) {
  const place = /^http:\/\/([^/]+)\//.exec(asked ?? '')?.[1]
  return place === undefined ? undefined : parseEndpoint(place)
}
