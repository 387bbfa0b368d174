import { latin1 } from '../latin1.ts'
import type { FirstPacket } from './first-packet.ts'

const NODE_ID_BYTES = 20
const TRANSACTION_BYTES = 2

/**
 * BitTorrent's DHT: a ping (BEP 5), which every node answers, with a response or with an error.
 * Dictionaries are written with their keys in order, so that `y`, the kind of the message, stands last.
 */
export const bittorrentDht: FirstPacket = {
  name: 'bittorrent-dht',
  randomLength: NODE_ID_BYTES + TRANSACTION_BYTES,

  encode(random) {
    const text = `d1:ad2:id20:${latin1(random.subarray(0, NODE_ID_BYTES))}e1:q4:ping${transactionOf(random)}1:y1:qe`
    return Uint8Array.from(text, (char) => char.charCodeAt(0))
  },

  isAnswer(datagram, random) {
    const text = latin1(datagram)
    const ends = text.endsWith('1:y1:re') || text.endsWith('1:y1:ee')
    return ends && text.startsWith('d') && text.includes(transactionOf(random))
  },
}

function transactionOf(random: Uint8Array): string {
  return `1:t${TRANSACTION_BYTES}:${latin1(random.subarray(NODE_ID_BYTES, NODE_ID_BYTES + TRANSACTION_BYTES))}`
}
