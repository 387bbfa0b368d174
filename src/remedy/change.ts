import type { PortMapping } from '../gateway/port-mapper.ts'
import type { Host } from '../host/host.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Message } from '../model/message.ts'
import type { NodeValue } from '../nodes/reconfiguring.ts'

/**
 * One change that can be taken back, as the journal writes it down before it is made: plain data, and enough to find,
 * finish or undo it after a crash or a reboot. `id` tags what is added (`peerway:ID` as a rule's comment or a mapping's
 * description); it is 8 small letters and digits.
 */
export type Change = ChangeTag & ChangeContent

export interface ChangeTag {
  readonly id: string
}

export type ChangeContent =
  | NftRuleChange
  | IptablesRuleChange
  | UfwRuleChange
  | FirewalldChange
  | SysctlChange
  | FileChange
  | PortMappingChange
  | NodeSettingChange
  | NodeValueChange

/** An accept rule in a chain of nftables. `before`: the rule that decides, as `Rule.text` has it; null: at the chain's end, before its policy. */
export interface NftRuleChange {
  readonly kind: 'nft-rule'
  readonly family: string
  readonly table: string
  readonly chain: string
  readonly before: string | null
  /** Matches and verdict in nft's words, without the comment: `tcp dport 4001 accept`. */
  readonly rule: string
}

/** The same by iptables or ip6tables, of either back end. `before`: the deciding rule as `-S` lists it, without `-A CHAIN`. */
export interface IptablesRuleChange {
  readonly kind: 'iptables-rule'
  readonly backend: 'nft' | 'legacy'
  readonly family: 'ipv4' | 'ipv6'
  readonly table: string
  readonly chain: string
  readonly before: string | null
  /** Arguments without chain and comment: `['-p', 'tcp', '--dport', '4001', '-j', 'ACCEPT']`. */
  readonly rule: readonly string[]
}

/**
 * `ufw allow`, which keeps it over reboots by itself. `rule` begins with `route` for what is passed on, with the guest's
 * address. `before`: the rule of ufw's own that decides, as `Rule.text` has it; null: after all others.
 */
export interface UfwRuleChange {
  readonly kind: 'ufw-rule'
  readonly rule: readonly string[]
  readonly before: string | null
}

/**
 * A port opened in a zone of firewalld: what runs now, or its permanent configuration. It has no comments, so the
 * journal is the memory: planned only where the port is not open yet. `ownFile`: the zone had a file in /etc before.
 */
export interface FirewalldChange {
  readonly kind: 'firewalld-port'
  readonly zone: string
  /** `4001/tcp` */
  readonly port: string
  readonly configuration: 'runtime' | 'permanent'
  readonly ownFile: boolean
}

/** A kernel setting, now. That it stays after a reboot is a `FileChange`. */
export interface SysctlChange {
  readonly kind: 'sysctl'
  readonly name: string
  readonly from: string
  readonly to: string
}

/**
 * A file replaced, or made (`from` null). While it still reads as `to` it is restored whole; where somebody changed it
 * since, the lines that we added are taken out if they all stand there word for word, else it is left.
 */
export interface FileChange {
  readonly kind: 'file'
  readonly path: string
  readonly from: string | null
  readonly to: string
}

/** `mapping` is null until the gateway has granted it; then the journal is written again. */
export interface PortMappingChange {
  readonly kind: 'port-mapping'
  readonly request: {
    readonly protocol: PortMapping['protocol']
    readonly gateway: PortMapping['gateway']
    readonly transport: PortMapping['transport']
    readonly internal: PortMapping['internal']
    readonly suggestedPort: number
    readonly lifetimeSeconds: number
    readonly nonce: string
  }
  readonly mapping: PortMapping | null
}

/**
 * Entries added to a list in a node's settings, by its own interface at `at`. `from`: what the list held; null where the key
 * is there and holds none. The node takes it at its next start.
 */
export interface NodeSettingChange {
  readonly kind: 'node-setting'
  readonly node: string
  readonly at: Endpoint
  readonly key: string
  readonly from: readonly string[] | null
  readonly add: readonly string[]
}

/**
 * A setting of a node given another value, by its own interface at `at`; null: it is not set. That the node holds it shows at
 * once, and what comes of it after its next start.
 */
export interface NodeValueChange {
  readonly kind: 'node-value'
  readonly node: string
  readonly at: Endpoint
  readonly key: string
  readonly from: NodeValue | null
  readonly to: NodeValue
}

/**
 * `present`: as we made it. `absent`: not there, or no longer. `altered`: somebody changed it since, and it is theirs now.
 * `unknown`: the host or the gateway would not tell.
 */
export type ChangeState = 'present' | 'absent' | 'altered' | 'unknown'

/** What became of taking a change back. `left`: it is still there, whole or in part; `why` says so. */
export type UndoResult =
  | { readonly outcome: 'undone' | 'was-gone' }
  | { readonly outcome: 'left'; readonly why: Message }

/** How one kind of change is made and taken back. */
export interface ChangeKind<C extends ChangeContent> {
  /**
   * Makes it. Never twice: what is already there in the same words counts as made. Returns the change as it was made,
   * which for a port mapping names what was granted. `PeerwayError`: `not-permitted`, `not-available`, `busy` where the
   * rules changed since they were read; then nothing was changed.
   */
  apply(host: Host, change: C & ChangeTag): Promise<C & ChangeTag>
  /** Looks, and changes nothing. */
  state(host: Host, change: C & ChangeTag): Promise<ChangeState>
  /** Takes it back, and nothing else; may be called any number of times. `plannedAtMs`: when it was written down first. */
  undo(host: Host, change: C & ChangeTag, plannedAtMs: number): Promise<UndoResult>
}
