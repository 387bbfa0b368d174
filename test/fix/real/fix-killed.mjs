// `peerway fix --yes` on the host that it runs on, killed at its moment number K: node fix-killed.mjs K ASKED
// Moments are, from the first line of the journal on: before and after each call of the Host that writes a file or changes a rule or
// a setting, amid the writing of a file, and after each datagram and connection while a router is asked (before it nothing is
// otherwise than after the one before). ASKED is what `fix` takes, as JSON. Killed it prints which moment that was; else the number of moments.
import { writeFileSync, writeSync } from 'node:fs'
import { fix } from '../../../dist/fix.js'
import { openOsHost } from '../../../dist/host/os/os-host.js'

const [killAt, asked] = [Number(process.argv[2]), JSON.parse(process.argv[3])]
const stateFolder = process.env.PEERWAY_STATE_DIR
const host = openOsHost()

const CHANGING = [
  'replace',
  'remove',
  'insertNftRule',
  'deleteNftRule',
  'insertIptablesRule',
  'deleteIptablesRule',
  'write',
]
const ASKING = ['open', 'connect', 'send', 'receive']
let moments = 0
let isBegun = false
/** Is the last line of the journal one of a mapping that is about to be asked for? */
let isAsking = false

function moment(what) {
  moments++
  if (moments !== killAt) return
  writeSync(1, what)
  process.kill(process.pid, 'SIGKILL')
}

function watched(target) {
  return new Proxy(target, {
    get(_, name) {
      const method = target[name]
      if (typeof method !== 'function') return method
      return async (...args) => {
        const isJournal = name === 'replace' && args[0] === `${stateFolder}/journal.json`
        isBegun ||= isJournal
        const counts = isBegun && (CHANGING.includes(name) || (isAsking && ASKING.includes(name)))
        // What is remembered of contacts is no change of the host's.
        if (!counts || (name === 'replace' && !isJournal && args[0].startsWith(stateFolder))) {
          return wrapped(await method.apply(target, args))
        }
        const isQuestion = !CHANGING.includes(name)
        const what = `${String(name)} ${typeof args[0] === 'string' ? args[0] : ''}`
        if (!isQuestion) moment(`before ${what}`)
        if (name === 'replace') {
          if (moments + 1 === killAt) writeFileSync(`${args[0]}.peerway-0123456789ab.tmp`, args[1].slice(0, 100))
          moment(`amid ${what}`)
        }
        const result = await method.apply(target, args)
        if (isJournal) {
          const last = JSON.parse(args[1]).entries.at(-1)
          isAsking = last?.state === 'planned' && last.change.kind === 'port-mapping'
        }
        moment(`after ${what}`)
        return wrapped(result)
      }
    },
  })
}

/** A socket, too, is watched. */
function wrapped(result) {
  return isAsking && typeof result?.receive === 'function' ? watched(result) : result
}

const NAMES = ['netfilter', 'sysctl', 'files', 'udp', 'tcp']
const killed = Object.fromEntries(
  Object.entries(host).map(([name, capability]) => [name, NAMES.includes(name) ? watched(capability) : capability]),
)
await fix({ ...asked, stateFolder }, { agree: async () => true }, killed)
console.log(moments)
process.exit(0)
