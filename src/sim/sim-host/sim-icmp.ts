import type { EchoResult, Icmp } from '../../host/host.ts'
import { addressBytes } from '../../model/ip.ts'
import type { Machine } from '../machine.ts'
import type { Packet } from '../packet.ts'
import { requireTtl } from './arguments.ts'

const DEFAULT_TTL = 64

export function simIcmp(machine: Machine): Icmp {
  const { world } = machine
  return {
    async echo({ to, ttl, timeoutMs }) {
      addressBytes(to)
      requireTtl(ttl)
      const target = world.addresses.id(to)
      if (machine.sourceTowards(target) === 0) return NO_ROUTE
      const startedMs = world.nowMs
      return new Promise((resolve) => {
        const finish = (result: EchoResult) => {
          timer.cancel()
          forget()
          world.resume(() => resolve(result))
        }
        const timer = world.timer(timeoutMs, () => finish(SILENT))
        const forget = machine.echo.ask(target, ttl ?? DEFAULT_TTL, (packet) => {
          const from = world.addresses.text(packet.source)
          finish({ answer: answerOf(packet), from, rttMs: world.nowMs - startedMs })
        })
      })
    },
  }
}

/** The machine itself says so, and nobody else. */
const NO_ROUTE: EchoResult = { answer: 'unreachable', from: null, rttMs: null }
const SILENT: EchoResult = { answer: 'silent', from: null, rttMs: null }

function answerOf({ icmp }: Packet): EchoResult['answer'] {
  if (icmp === 'echo-reply' || icmp === 'time-exceeded') return icmp
  return 'unreachable'
}
