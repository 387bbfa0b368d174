import { posix } from 'node:path'

/** The rooms from top to bottom; `api` is what lies in src/ itself. A room imports from itself and from those below. */
const ROOMS = [
  'cli',
  'watch',
  'fleet',
  'api',
  'report',
  'remedy',
  'diagnose',
  'probe',
  'nodes',
  'vantage',
  'gateway',
  'lab',
  'sim',
  'topology',
  'host',
  'ruleset',
  'wire',
  'model',
]

/** Rooms that may touch the machine: they choose a Host, are one, or build a real network. */
const WORLDLY = ['cli', 'watch', 'fleet', 'lab', 'host/os']

/** The one file of the simulator that drains promises between its events. */
const DRAIN = 'sim/drain.ts'

/** What the other rooms may not name, and what to use instead. */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/\bDate\b/, 'host.clock.nowMs()'],
  [/\bperformance\.now\b/, 'host.clock.monotonicMs()'],
  [/\b(setTimeout|setInterval|setImmediate)\b/, 'host.clock.sleep()'],
  [/\bAbortSignal\.(timeout|any)\b/, 'host.clock.sleep() with a signal'],
  [/\bMath\.random\b/, 'host.random'],
  [/\bcrypto\.\w/, 'host.random, or a hash imported from node:crypto'],
  [/\bfetch\s*\(/, 'wire/http1 over host.tcp'],
  [/\bprocess\.\w/, 'a capability of Host'],
]

/** Of all of Node.js only these pure functions may be used below the entry points. */
const PURE_NODE: Readonly<Record<string, readonly string[]>> = {
  'node:crypto': ['createHash', 'createHmac', 'timingSafeEqual'],
}

/** Every rule that one source file breaks, a line each. `path` is relative to src/, with forward slashes. */
export function layerViolations(path: string, source: string): readonly string[] {
  const code = withoutComments(source)
  const room = roomOf(path)
  const broken = importsOf(code).flatMap(({ from, names }) => {
    if (from.startsWith('.')) return arrowViolation(path, posix.join(posix.dirname(path), from))
    if (from.startsWith('node:')) return nodeViolation(path, from, names)
    return []
  })
  if (WORLDLY.includes(room) || path === DRAIN) return broken
  const found = FORBIDDEN.flatMap(([pattern, instead]) => {
    const match = pattern.exec(withoutStrings(code))
    return match === null ? [] : [`${path} uses ${match[0]}: use ${instead} instead`]
  })
  return [...broken, ...found]
}

function arrowViolation(path: string, target: string): readonly string[] {
  const [from, to] = [roomOf(path), roomOf(target)]
  const arrow = `${path} -> ${target}`
  if (to === 'lab' && from !== 'lab' && from !== 'cli') return [`${arrow}: lab is imported by cli alone`]
  if (to === 'host/os' && ![...WORLDLY, 'api'].includes(from)) {
    return [`${arrow}: only entry points choose a Host; take one as an argument`]
  }
  if (rank(from) > rank(to)) return [`${arrow}: ${from} lies below ${to}, and arrows go only downward`]
  return []
}

function nodeViolation(path: string, from: string, names: readonly string[]): readonly string[] {
  if (WORLDLY.includes(roomOf(path))) return []
  const pure = PURE_NODE[from] ?? []
  if (names.length > 0 && names.every((name) => pure.includes(name))) return []
  return [`${path} imports ${from}: only hashes of node:crypto are pure; anything else is a capability of Host`]
}

/** `host/os` is a room of its own here; it ranks with host. */
function roomOf(path: string): string {
  if (path.startsWith('host/os/')) return 'host/os'
  return path.includes('/') ? path.split('/')[0]! : 'api'
}

function rank(room: string): number {
  const index = ROOMS.indexOf(room === 'host/os' ? 'host' : room)
  if (index < 0) throw new Error(`src/${room} is no room of the design; add it to test/layers.ts where it belongs`)
  return index
}

function importsOf(code: string): readonly { readonly from: string; readonly names: readonly string[] }[] {
  const pattern =
    /\b(?:import|export)\s+(?:type\s+)?([^'"();]*?)\s*\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g
  return [...code.matchAll(pattern)].map(([, clause, from, bare]) => ({
    from: from ?? bare!,
    names: namesIn(clause ?? ''),
  }))
}

/** Of `a, { b, type c as d }`: b and c. A namespace or default import has no names, which no list of pure ones allows. */
function namesIn(clause: string): readonly string[] {
  const [, braces = ''] = /\{([^}]*)\}/.exec(clause) ?? []
  return braces.split(',').flatMap(importedName)
}

function importedName(text: string): readonly string[] {
  const name = text
    .trim()
    .replace(/^type\s+/, '')
    .split(/\s+as\s+/)[0]!
  return name === '' ? [] : [name]
}

const STRINGS = String.raw`'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"`

function withoutComments(source: string): string {
  const pattern = new RegExp(String.raw`(${STRINGS}|\`(?:[^\`\\]|\\[^])*\`)|/\*[^]*?\*/|//[^\n]*`, 'g')
  return source.replaceAll(pattern, (_, kept: string | undefined) => kept ?? ' ')
}

/** Template literals stay, for code may stand in their holes. */
function withoutStrings(code: string): string {
  return code.replaceAll(new RegExp(STRINGS, 'g'), "''")
}
