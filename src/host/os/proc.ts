import type { Address } from '../../model/endpoint.ts'
import { formatAddress } from '../../model/ip.ts'
import { readWhole } from './read-whole.ts'

/** A file of /proc, or `''` where it does not exist, may not be read, or went away with its process. */
export async function readProc(path: string): Promise<string> {
  try {
    return (await readWhole(path))!.toString('latin1')
  } catch {
    return ''
  }
}

/** The words of each line. */
export function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words[0] !== '')
}

/**
 * The address that /proc/net prints as 32-bit words in the byte order of the machine (`0100007F` is 127.0.0.1). Every
 * platform that Node runs on with Linux is little-endian but s390x and old ppc64.
 */
export function wordsAddress(hex: string): Address {
  const bytes = Buffer.from(hex, 'hex')
  return formatAddress(LITTLE_ENDIAN ? bytes.swap32() : bytes)
}

const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/** The address that /proc/net prints byte by byte (if_inet6, ipv6_route). */
export function bytesAddress(hex: string): Address {
  return formatAddress(Buffer.from(hex, 'hex'))
}
