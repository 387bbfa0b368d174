import { errorText, PeerwayError } from '../model/error.ts'
import type { ChangeContent, ChangeKind } from './change.ts'
import { file } from './changes/file.ts'
import { firewalldPort } from './changes/firewalld-port.ts'
import { iptablesRule } from './changes/iptables-rule.ts'
import { nftRule } from './changes/nft-rule.ts'
import { nodeSetting } from './changes/node-setting.ts'
import { nodeValue } from './changes/node-value.ts'
import { portMapping } from './changes/port-mapping.ts'
import { sysctl } from './changes/sysctl.ts'
import { ufwRule } from './changes/ufw-rule.ts'

type Kinds = { readonly [K in ChangeContent['kind']]: ChangeKind<Extract<ChangeContent, { kind: K }>> }

const KINDS: Kinds = {
  'nft-rule': nftRule,
  'iptables-rule': iptablesRule,
  'ufw-rule': ufwRule,
  'firewalld-port': firewalldPort,
  sysctl,
  file,
  'port-mapping': portMapping,
  'node-setting': nodeSetting,
  'node-value': nodeValue,
}

/** How changes of this kind are made and taken back. `PeerwayError` `bad-input` for one that a later version wrote down. */
export function kindOf<C extends ChangeContent>({ kind }: C): ChangeKind<C> {
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (known === undefined) throw new PeerwayError('bad-input', errorText('error.change-kind', { kind }))
  return known as unknown as ChangeKind<C>
}
