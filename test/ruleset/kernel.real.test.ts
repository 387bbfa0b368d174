import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Dice } from './kernel/dice.ts'
import { randomPacket } from './kernel/random-packet.ts'
import { Room } from './kernel/room.ts'
import {
  compareFates,
  loadable,
  PACKETS,
  randomTrial,
  runTrial,
  shrink,
  type Trial,
  trialText,
} from './kernel/trial.ts'

const LONG = process.env.PEERWAY_LONG !== undefined
const TRIALS = LONG ? 20_000 : 300
const FIRST_SEED = Number(process.env.PEERWAY_SEED ?? (LONG ? Date.now() % 1_000_000_000 : 20261121))

const RECORDED = [
  { name: 'ufw', listing: null, ip: 'ufw-0.36.2.iptables-nft-save', ip6: 'ufw-0.36.2.ip6tables-nft-save' },
  { name: 'firewalld', listing: 'firewalld-1.3.3.nft', ip: null, ip6: null },
  { name: 'Docker', listing: null, ip: 'docker-20.10.24.iptables-nft-save', ip6: null },
]

const missing = whatIsMissing()
if (missing !== null && process.env.CI === 'true') throw new Error(`cannot try rules in the kernel: ${missing}`)

describe.skipIf(missing !== null)(`walks against the kernel${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let room: Room
  beforeAll(() => {
    room = new Room()
  })
  afterAll(async () => {
    await room.close()
  })

  test.each(RECORDED)(
    'the rules of $name, as recorded, and random packets meet the same fate',
    async ({ listing, ip, ip6 }) => {
      const backend = ip === null ? null : 'nft'
      for (let seed = 1; seed <= (LONG ? 200 : 10); seed++) {
        expect(room.loadNft(fixture(listing))).toMatchObject({ ok: true })
        expect(room.loadIptables(backend, fixture(ip), fixture(ip6))).toBe(true)
        const dice = new Dice(seed)
        const packets = Array.from({ length: PACKETS }, (_, index) => randomPacket(dice, index))
        const { mismatches, compared } = await compareFates(room, backend, packets)
        expect(mismatches).toEqual([])
        expect(compared.length).toBeGreaterThan(PACKETS / 2)
      }
    },
  )

  test(
    `${TRIALS} random rule sets x ${PACKETS} packets from seed ${FIRST_SEED} on meet the same fate`,
    async () => {
      const tally = { refused: 0, undecided: 0, fates: new Map<string, number>() }
      for (let seed = FIRST_SEED; seed < FIRST_SEED + TRIALS; seed++) {
        const trial = loadable(room, randomTrial(seed))
        const { refused, undecided, compared, mismatches } = await runTrial(room, trial)
        if (mismatches.length > 0) expect.fail(await told(room, trial, seed))
        tally.refused += Number(refused)
        tally.undecided += undecided
        for (const fate of compared) count(tally.fates, fate.split(' ').slice(0, 2).join(' '))
      }
      const compared = [...tally.fates.values()].reduce((sum, n) => sum + n, 0)
      console.log(`compared ${compared}, undecided ${tally.undecided}, refused ${tally.refused}`, tally.fates)
      // So that the test cannot become empty unnoticed.
      expect(tally.refused).toBeLessThan(TRIALS / 20)
      expect(tally.undecided).toBeLessThan((TRIALS * PACKETS) / 20)
      expect(tally.fates.size).toBeGreaterThan(6)
    },
    LONG ? 3 * 3_600_000 : 240_000,
  )
})

/** Made by the programs themselves; what was the wire there is the wire here, and the container stands behind. */
function fixture(file: string | null): string {
  if (file === null) return ''
  const text = readFileSync(new URL(`fixtures/${file}`, import.meta.url), 'utf8')
  return text.replaceAll('eth0', 'h0').replaceAll('docker0', 'h1').replaceAll('172.17.0.2', '10.7.1.2')
}

function count(fates: Map<string, number>, fate: string): void {
  fates.set(fate, (fates.get(fate) ?? 0) + 1)
}

async function told(room: Room, trial: Trial, seed: number): Promise<string> {
  const smallest = await shrink(room, trial)
  const { mismatches } = await runTrial(room, smallest)
  const [{ packet, expected, observed } = { packet: null, expected: '', observed: 'right on repetition' }] = mismatches
  return [
    `seed ${seed} (PEERWAY_SEED=${seed}): the walk says "${expected}", the kernel "${observed}"`,
    JSON.stringify(packet),
    trialText(smallest),
  ].join('\n')
}

function whatIsMissing(): string | null {
  if (process.getuid?.() !== 0) return 'needs root'
  const tools = [
    'ip',
    'nft',
    'conntrack',
    'perl',
    'nsenter',
    'taskset',
    'iptables-legacy-restore',
    'iptables-nft-restore',
  ]
  const absent = tools.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
  return absent.length === 0 ? null : `needs ${absent.join(', ')}`
}
