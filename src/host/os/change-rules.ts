import { errorText, PeerwayError } from '../../model/error.ts'
import type { CommandResult, IptablesChain, NftChain } from '../host.ts'
import { runProgram } from './run-program.ts'

const TIMEOUT_MS = 10_000

/** How long iptables waits for others to let go of its lock; nft waits for the kernel anyway. */
const LOCK_SECONDS = '5'

/** See `Netfilter.insertNftRule`. */
export async function insertNftRule(
  chain: NftChain,
  rule: string,
  comment: string,
  before: number | null,
): Promise<void> {
  requireForm(NFT_RULE, rule, "a rule in nft's words")
  requireForm(COMMENT, comment, 'a comment')
  if (before !== null) requireNumber(before)
  const where = before === null ? `add rule ${named(chain)}` : `insert rule ${named(chain)} handle ${before}`
  await runNft(`${where} ${rule} comment "${comment}"`)
}

/** See `Netfilter.deleteNftRule`. */
export async function deleteNftRule(chain: NftChain, handle: number): Promise<void> {
  requireNumber(handle)
  await runNft(`delete rule ${named(chain)} handle ${handle}`)
}

/** See `Netfilter.insertIptablesRule`. */
export async function insertIptablesRule(
  chain: IptablesChain,
  rule: readonly string[],
  before: number | null,
): Promise<void> {
  if (before !== null) requireNumber(before)
  const where = before === null ? ['-A', chain.chain] : ['-I', chain.chain, `${before}`]
  await runIptables(chain, [...where, ...rule], rule)
}

/** See `Netfilter.deleteIptablesRule`. */
export async function deleteIptablesRule(chain: IptablesChain, rule: readonly string[]): Promise<void> {
  await runIptables(chain, ['-D', chain.chain, ...rule], rule)
}

// What is handed to nft is its language: nothing that could end a statement, begin another or name a file.
const NFT_RULE = /^[\w.:/@"{}=!<>&|,* -]{1,1000}$/
const COMMENT = /^[\w:-]{1,64}$/
const NFT_NAME = /^[a-zA-Z_][\w./\\-]{0,127}$/
const FAMILY = /^(?:ip|ip6|inet|arp|bridge|netdev)$/
// iptables gets its arguments one by one; only their first character could make an option of a name.
const IPTABLES_NAME = /^[^\s!-][^\s]{0,127}$/
const IPTABLES_WORD = /^[^\0\n]{1,1000}$/
const MOST_WORDS = 100

function requireForm(pattern: RegExp, text: string, what: string): void {
  if (!pattern.test(text)) throw new RangeError(`not ${what}: ${JSON.stringify(text.slice(0, 100))}`)
}

function requireNumber(value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`rules count from 1, not ${value}`)
}

function named({ family, table, chain }: NftChain): string {
  requireForm(FAMILY, family, 'a family of tables')
  requireForm(NFT_NAME, table, 'the name of a table')
  requireForm(NFT_NAME, chain, 'the name of a chain')
  return `${family} ${table} ${chain}`
}

async function runNft(command: string): Promise<void> {
  const { exitCode, stderr } = await runProgram(['nft', '-f', '-'], { timeoutMs: TIMEOUT_MS, stdin: `${command}\n` })
  if (exitCode !== 0) throw refused('nft', stderr, /No such file or directory|does not exist/)
}

async function runIptables(chain: IptablesChain, command: readonly string[], rule: readonly string[]): Promise<void> {
  requireForm(IPTABLES_NAME, chain.table, 'the name of a table')
  requireForm(IPTABLES_NAME, chain.chain, 'the name of a chain')
  if (rule.length > MOST_WORDS) throw new RangeError(`a rule has at most ${MOST_WORDS} words, not ${rule.length}`)
  for (const word of rule) requireForm(IPTABLES_WORD, word, 'an argument of iptables')
  const program = await iptablesProgram(chain)
  const { exitCode, stderr } = await runProgram([program, '-w', LOCK_SECONDS, '-t', chain.table, ...command], {
    timeoutMs: TIMEOUT_MS,
  })
  if (exitCode !== 0)
    throw refused(program, stderr, /too big|No chain|Bad rule|does a matching rule exist|xtables lock/)
}

/** The program of the back end, or the plain name where that is of the same back end: it was so before there were two. */
async function iptablesProgram({ backend, family }: IptablesChain): Promise<string> {
  const plain = family === 'ipv4' ? 'iptables' : 'ip6tables'
  const own = `${plain}-${backend}`
  if ((await version(own)) !== undefined) return own
  const said = await version(plain)
  if (said !== undefined && said.includes('nf_tables') === (backend === 'nft')) return plain
  throw new PeerwayError('not-available', errorText('error.not-installed', { program: own }))
}

async function version(program: string): Promise<string | undefined> {
  try {
    const { exitCode, stdout }: CommandResult = await runProgram([program, '-V'], { timeoutMs: TIMEOUT_MS })
    return exitCode === 0 ? stdout : undefined
  } catch (error) {
    if (error instanceof PeerwayError && error.code === 'not-available') return undefined
    throw error
  }
}

function refused(program: string, stderr: string, gone: RegExp): PeerwayError {
  const said = stderr.trim().split('\n')[0]?.slice(0, 200) ?? ''
  if (/not permitted|must be root|Permission denied/i.test(stderr)) {
    // Root, who may not either, meets a table that a program owns, or lacks a capability.
    const id = process.geteuid?.() === 0 ? 'error.filter-not-from-here' : 'error.filter-needs-root'
    return new PeerwayError('not-permitted', errorText(id, { program, said }))
  }
  const code = gone.test(stderr) ? 'busy' : 'not-available'
  return new PeerwayError(code, errorText('error.refuses-change', { program, said }))
}
