import type { Host } from '../../src/host/host.ts'

export function fatesOf(host: Host, targets: readonly string[]): Promise<Readonly<Record<string, string>>>
