import type { Family } from '../../model/endpoint.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import type { Netfilter } from '../host.ts'
import { deleteIptablesRule, deleteNftRule, insertIptablesRule, insertNftRule } from './change-rules.ts'
import { countArrivals } from './count-arrivals.ts'
import { limitTtl } from './limit-ttl.ts'
import { type HostAct, onLinuxOnly } from './not-available.ts'
import { readProc } from './proc.ts'
import { readRulesetTexts } from './ruleset-texts.ts'
import { runProgram } from './run-program.ts'

const TIMEOUT_MS = 3000

export const osNetfilter: Netfilter = {
  async rulesets() {
    requireRoot('error.of.reading-rules')
    return readRulesetTexts()
  },

  async countArrivals(watches) {
    requireRoot('error.of.counting-packets')
    return countArrivals(watches, await natInUse())
  },

  async limitTtl(flows) {
    requireRoot(CHANGING)
    return limitTtl(flows)
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

const CHANGING = 'error.of.changing-rules'

function requireRoot(what: HostAct): void {
  if (process.platform !== 'linux') throw onLinuxOnly(what)
  if (process.geteuid?.() !== 0)
    throw new PeerwayError('not-permitted', errorText('error.needs-root', { what: errorText(what) }))
}

async function hasLegacyNat(family: Family): Promise<boolean> {
  const tables = await readProc(family === 'ipv4' ? '/proc/net/ip_tables_names' : '/proc/net/ip6_tables_names')
  return tables.split('\n').includes('nat')
}

/** Unknown counts as no: the worst is that what goes to a guest is not counted. */
async function natInUse(): Promise<boolean> {
  if ((await hasLegacyNat('ipv4')) || (await hasLegacyNat('ipv6'))) return true
  try {
    const { exitCode, stdout } = await runProgram(['nft', '--json', 'list', 'chains'], { timeoutMs: TIMEOUT_MS })
    return exitCode === 0 && /"type": ?"nat"/.test(stdout)
  } catch {
    return false
  }
}
