import { compile } from '../../../src/ruleset/compile.ts'
import type { Packet } from '../../../src/ruleset/packet.ts'
import { type RulesetTexts, readRuleset } from '../../../src/ruleset/read-ruleset.ts'
import { walkPacket } from '../../../src/ruleset/walk.ts'
import { expectedFate, observedFate } from './compare.ts'
import { Dice } from './dice.ts'
import { frameOf } from './frame.ts'
import { iptablesText, randomIptables } from './random-iptables.ts'
import { nftText, type RandomTable, randomTables, withoutRefused } from './random-nft.ts'
import { contextOf, randomOwnPacket, randomPacket } from './random-packet.ts'
import { MACS, type Room } from './room.ts'

export const PACKETS = 50

/** A random rule set of one or two backends, and the packets that are sent against it. */
export interface Trial {
  readonly nft: readonly RandomTable[]
  readonly backend: 'nft' | 'legacy' | null
  readonly ip: readonly RandomTable[]
  readonly ip6: readonly RandomTable[]
  readonly packets: readonly Packet[]
}

export interface Mismatch {
  readonly packet: Packet
  readonly expected: string
  readonly observed: string
}

export interface Outcome {
  readonly refused: boolean
  readonly undecided: number
  readonly compared: readonly string[]
  readonly mismatches: readonly Mismatch[]
}

/** A third of the rule sets is of iptables, some of them beside nft's own. */
export function randomTrial(seed: number): Trial {
  const dice = new Dice(seed)
  const side = dice.chance(25) ? 'own' : 'arriving'
  const packet = side === 'own' ? randomOwnPacket : randomPacket
  const backend = dice.pick(['legacy', 'nft', null, null, null, null] as const)
  const alone = backend !== null && dice.chance(60)
  return {
    nft: alone ? [] : randomTables(dice, side),
    backend,
    ip: backend === null ? [] : randomIptables(dice, 'ip', side),
    ip6: backend === null ? [] : randomIptables(dice, 'ip6', side),
    packets: Array.from({ length: PACKETS }, (_, index) => packet(dice, index)),
  }
}

/** Without the rules that nft refuses. */
export function loadable(room: Room, trial: Trial): Trial {
  let { nft } = trial
  for (let tries = 0; tries < 20; tries++) {
    const loaded = room.loadNft(nftText(nft))
    if (loaded.ok) break
    nft = withoutRefused(nft, loaded.why)
  }
  return { ...trial, nft }
}

/** Loads the rules, sends the packets and walks them through what the programs list of the rules. */
export async function runTrial(room: Room, trial: Trial): Promise<Outcome> {
  if (!load(room, trial)) return { refused: true, undecided: 0, compared: [], mismatches: [] }
  return compareFates(room, trial.backend, trial.packets)
}

/** Sends packets against the rules that are loaded. */
export async function compareFates(
  room: Room,
  backend: Trial['backend'],
  packets: readonly Packet[],
): Promise<Outcome> {
  const texts = listed(room, backend)
  const read = readRuleset(texts)
  if (!read.ok) throw new Error(`the reader says ${read.code} at ${read.offset}`)
  const rules = compile({ ...read.value, tables: read.value.tables.filter(({ name }) => name !== 'seen') })
  const frames = packets.map((packet) => frameOf(packet, idOf(packet), { from: MACS.a, to: MACS.h }))
  await room.send(frames, packets[0]?.inInterface === null ? 'h' : 'a')
  const seen = room.seen()
  const compared: string[] = []
  const mismatches: Mismatch[] = []
  let undecided = 0
  for (const packet of packets) {
    const expected = expectedFate(packet, idOf(packet), walkPacket(rules, packet, contextOf(packet)))
    const observed = observedFate(packet, idOf(packet), seen)
    if (expected === null) undecided++
    else if (expected === observed) compared.push(observed)
    else mismatches.push({ packet, expected, observed })
  }
  return { refused: false, undecided, compared, mismatches }
}

/** The last part of the source, which every packet has for itself. */
function idOf({ family, source }: Packet): number {
  return family === 'ipv4' ? Number(source.split('.').at(-1)) : Number.parseInt(source.split(':').at(-1)!, 16)
}

function load(room: Room, trial: Trial): boolean {
  const isLoaded = room.loadNft(nftText(trial.nft)).ok
  return isLoaded && room.loadIptables(trial.backend, iptablesText(trial.ip), iptablesText(trial.ip6))
}

function listed(room: Room, backend: Trial['backend']): RulesetTexts {
  const nft = room.run('h', ['nft', '--json', 'list', 'ruleset'])
  const nftPrograms = room.run('h', ['nft', '--debug=netlink', 'list', 'ruleset'])
  if (backend === null) return { nft, nftPrograms }
  const [four, six] = ['iptables', 'ip6tables'].map((name) => room.run('h', [`${name}-${backend}-save`]))
  if (backend === 'nft') return { nft, nftPrograms, iptablesNft: four!, ip6tablesNft: six! }
  return { nft, nftPrograms, iptablesLegacy: four!, ip6tablesLegacy: six! }
}

export function trialText(trial: Trial): string {
  const parts = [nftText(trial.nft)]
  if (trial.ip.length > 0) parts.push(`# iptables-${trial.backend}\n${iptablesText(trial.ip)}`)
  if (trial.ip6.length > 0) parts.push(`# ip6tables-${trial.backend}\n${iptablesText(trial.ip6)}`)
  return parts.join('\n')
}

/** The smallest trial that still goes wrong: one packet, and no rule, chain or table that can be left out. */
export async function shrink(room: Room, trial: Trial): Promise<Trial> {
  let smallest = trial
  const first = (await runTrial(room, trial)).mismatches[0]
  if (first !== undefined) smallest = { ...trial, packets: [first.packet] }
  for (let changed = true; changed; ) {
    changed = false
    for (const smaller of smallerOnes(smallest)) {
      if ((await runTrial(room, smaller)).mismatches.length === 0) continue
      smallest = smaller
      changed = true
      break
    }
  }
  return smallest
}

function* smallerOnes(trial: Trial): Generator<Trial> {
  for (const part of ['nft', 'ip', 'ip6'] as const) {
    const tables = trial[part]
    for (const [t, table] of tables.entries()) {
      yield { ...trial, [part]: tables.toSpliced(t, 1) }
      for (const [c, chain] of table.chains.entries()) {
        const chains = table.chains.toSpliced(c, 1)
        yield { ...trial, [part]: tables.with(t, { ...table, chains }) }
        for (const r of chain.rules.keys()) {
          const rules = chain.rules.toSpliced(r, 1)
          yield { ...trial, [part]: tables.with(t, { ...table, chains: table.chains.with(c, { ...chain, rules }) }) }
        }
      }
    }
  }
}
