import { type NodeKind, told } from './node-kind.ts'

/** Any program that speaks libp2p: it has no usual port and no common way to be asked, so its ports have to be named. */
export const libp2p: NodeKind = {
  name: 'libp2p',
  processes: [],
  images: null,
  ports: null,
  adminPorts: [],
  ask: async () => told({}),
}
