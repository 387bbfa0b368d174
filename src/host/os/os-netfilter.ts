import type { Answer } from '../../model/answer.ts'
import type { Family } from '../../model/endpoint.ts'
import { PeerwayError } from '../../model/error.ts'
import type { Netfilter } from '../host.ts'
import { deleteIptablesRule, deleteNftRule, insertIptablesRule, insertNftRule } from './change-rules.ts'
import { countArrivals } from './count-arrivals.ts'
import { judgeIptables } from './iptables-redirects.ts'
import { judgeNft, parseNftRules } from './nft-redirects.ts'
import { onLinuxOnly } from './not-available.ts'
import { osNetwork } from './os-network.ts'
import { readProc } from './proc.ts'
import { type RedirectQuery, some } from './redirect-query.ts'
import { readRulesetTexts } from './ruleset-texts.ts'
import { runProgram } from './run-program.ts'

const TIMEOUT_MS = 3000

export const osNetfilter: Netfilter = {
  async redirects(port, transport, family) {
    requireRoot('reading the packet filter')
    const [addresses, routes] = await Promise.all([osNetwork.addresses(), osNetwork.defaultRoutes()])
    const query: RedirectQuery = {
      transport,
      family,
      port,
      addresses: addresses.map(({ address }) => address),
      interfaces: [...new Set(routes.map((route) => route.interface))],
    }
    return some(await Promise.all([askNft(query), askLegacy(query)]))
  },

  async rulesets() {
    requireRoot('reading the packet filter')
    return readRulesetTexts()
  },

  async countArrivals(watches) {
    requireRoot('counting packets')
    return countArrivals(watches, await natInUse())
  },

  async insertNftRule(chain, rule, comment, before) {
    requireRoot(CHANGING)
    await insertNftRule(chain, rule, comment, before)
  },

  async deleteNftRule(chain, handle) {
    requireRoot(CHANGING)
    await deleteNftRule(chain, handle)
  },

  async insertIptablesRule(chain, rule, before) {
    requireRoot(CHANGING)
    await insertIptablesRule(chain, rule, before)
  },

  async deleteIptablesRule(chain, rule) {
    requireRoot(CHANGING)
    await deleteIptablesRule(chain, rule)
  },
}

const CHANGING = 'changing the packet filter'

function requireRoot(what: string): void {
  if (process.platform !== 'linux') throw onLinuxOnly(what)
  if (process.geteuid?.() !== 0) throw new PeerwayError('not-permitted', `${what} needs root`)
}

async function askNft(query: RedirectQuery): Promise<Answer> {
  const json = await outputOf(['nft', '-j', '-t', 'list', 'ruleset'])
  if (json === undefined) return 'unknown'
  const rules = parseNftRules(json)
  if (rules === undefined) return 'unknown'
  const own = judgeNft(rules, query)
  if (!rules.foreign || own === 'yes') return own
  const saved = await outputOf([`${iptables(query.family)}-nft-save`, '-t', 'nat'])
  return some([own, saved === undefined ? 'unknown' : judgeIptables(saved, query)])
}

/** The old tables are asked about only where they exist, for asking makes them. */
async function askLegacy(query: RedirectQuery): Promise<Answer> {
  if (!(await hasLegacyNat(query.family))) return 'no'
  const saved = await outputOf([`${iptables(query.family)}-legacy-save`, '-t', 'nat'])
  return saved === undefined ? 'unknown' : judgeIptables(saved, query)
}

function iptables(family: Family): string {
  return family === 'ipv4' ? 'iptables' : 'ip6tables'
}

async function hasLegacyNat(family: Family): Promise<boolean> {
  const tables = await readProc(family === 'ipv4' ? '/proc/net/ip_tables_names' : '/proc/net/ip6_tables_names')
  return tables.split('\n').includes('nat')
}

/** Unknown counts as no: the worst is that what goes to a guest is not counted. */
async function natInUse(): Promise<boolean> {
  if ((await hasLegacyNat('ipv4')) || (await hasLegacyNat('ipv6'))) return true
  const json = await outputOf(['nft', '-j', '-t', 'list', 'ruleset'])
  return json !== undefined && parseNftRules(json)?.nat === true
}

/** What a program printed; undefined where it is missing, fails or says too much. */
async function outputOf(command: readonly string[]): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await runProgram(command, { timeoutMs: TIMEOUT_MS })
    return exitCode === 0 ? stdout : undefined
  } catch {
    return undefined
  }
}
