import { type Message, message } from '../model/message.ts'
import type { Reconfiguring, Wish } from './reconfiguring.ts'

type Hand = Partial<Readonly<Record<Wish['want'], (port: string) => Message>>>

/** Stands for a port that nobody has chosen yet. */
const ANY_PORT = 'PORT'

/** A kind that its operator alone reconfigures: what to type or to write, by what is wanted, and what it does not have. */
export function byHand(hand: Hand, cannot: readonly Wish['want'][] = []): Reconfiguring {
  return {
    cannot,
    steps: (wish) => {
      const step = hand[wish.want]?.(String((wish.want === 'port' ? wish.port : null) ?? ANY_PORT))
      return step === undefined ? [] : [step]
    },
    settings: null,
  }
}

/** A flag on its command line. */
export function flag(text: string): Message {
  return message('step.node-flag', { flags: text })
}

/** A line of its settings file. */
export function line(text: string, path: string): Message {
  return message('step.node-line', { line: text, path })
}
