import { errorText, PeerwayError } from '../../model/error.ts'
import type { RulesetTexts } from '../../ruleset/read-ruleset.ts'
import { readProc } from './proc.ts'
import { runProgram } from './run-program.ts'

const LIMITS = { timeoutMs: 5000, mostOutputBytes: 32 * 1024 * 1024 } as const

/** See `Netfilter.rulesets`. */
export async function readRulesetTexts(): Promise<RulesetTexts> {
  const [nft, iptablesLegacy, ip6tablesLegacy] = await Promise.all([
    outputOf(['nft', '--json', 'list', 'ruleset']),
    legacyTables('iptables', '/proc/net/ip_tables_names'),
    legacyTables('ip6tables', '/proc/net/ip6_tables_names'),
  ])
  const nftChains = boundUnnamed(nft) ? await outputOf(['nft', 'list', 'chains']) : undefined
  const nftPrograms = resetsInBothFamilies(nft) ? await programs() : undefined
  const texts = { nft, ...given({ nftChains, nftPrograms, iptablesLegacy, ip6tablesLegacy }) }
  // nft lists what iptables-nft alone understands as a mere "xt".
  if (!nft.includes('"xt"')) return texts
  const [iptablesNft, ip6tablesNft] = await Promise.all([
    outputOf(['iptables-nft-save']),
    outputOf(['ip6tables-nft-save']),
  ])
  return { ...texts, iptablesNft, ip6tablesNft }
}

/** Some versions leave the devices of ingress chains out of their JSON. */
function boundUnnamed(nft: string): boolean {
  return /"hook": ?"(?:in|e)gress"/.test(nft) && !/"dev": ?["[]/.test(nft)
}

/** Some versions leave out the family that a TCP reset is for. */
function resetsInBothFamilies(nft: string): boolean {
  return nft.includes('"tcp reset"') && nft.includes('"inet"')
}

/** Without them a few rules stay in doubt, and no more than that. */
async function programs(): Promise<string | undefined> {
  const { exitCode, stdout } = await runProgram(['nft', '--debug=netlink', 'list', 'ruleset'], LIMITS)
  return exitCode === 0 ? stdout : undefined
}

/** The older tables are listed only where they exist, for listing makes them. Undefined where there are none. */
async function legacyTables(program: 'iptables' | 'ip6tables', names: string): Promise<string | undefined> {
  if ((await readProc(names)).trim() === '') return undefined
  try {
    return await outputOf([`${program}-legacy-save`])
  } catch (error) {
    if (!(error instanceof PeerwayError) || error.code !== 'not-available') throw error
  }
  // Before there were two backends, the older tables' program bore the plain name.
  const saved = await outputOf([`${program}-save`])
  if (!saved.includes('nf_tables')) return saved
  throw new PeerwayError('not-available', errorText('error.legacy-save', { names, program: `${program}-legacy-save` }))
}

async function outputOf(command: readonly [string, ...string[]]): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram(command, LIMITS)
  if (exitCode === 0) return stdout
  const said = exitCode === -1 ? null : stderr.trim().split('\n')[0]?.slice(0, 200)
  throw new PeerwayError(
    'not-available',
    errorText('error.cannot-list', {
      program: command[0],
      said,
      mebibytes: exitCode === -1 ? 32 : null,
      status: exitCode,
    }),
  )
}

function given(texts: Readonly<Record<string, string | undefined>>): RulesetTexts {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined))
}
