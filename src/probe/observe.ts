import type { Host } from '../host/host.ts'
import type { Family } from '../model/endpoint.ts'
import type { Evidence } from '../model/evidence.ts'
import type { ObservePlan, Progress } from '../model/plan.ts'
import type { NodeKind } from '../nodes/node-kind.ts'
import { ContactMemory } from '../vantage/contacted.ts'
import { probeAddresses, withNeighbours } from './addresses.ts'
import { carryOver, fillIn } from './carry-over.ts'
import { containersAbout, listContainers } from './containers.ts'
import { askedFamilies } from './families.ts'
import { GatewayQuestions } from './gateways.ts'
import { answeredAtAll } from './internet.ts'
import { keepProofs } from './keep-proofs.ts'
import { LineCheck } from './line-check.ts'
import { endpointKeys, listenersOf, listListeners } from './listeners.ts'
import { type NodeFinding, probeNode } from './node.ts'
import { Notebook } from './notebook.ts'
import { observeFamily } from './observe-family.ts'
import { observeRules } from './observe-rules.ts'
import { RouterControl } from './router-control.ts'
import { resolveServers, unresolved } from './servers.ts'

/**
 * Asks the network everything that a check wants to know, as much as possible at the same time, and returns what was
 * seen. Both families go side by side; in each, `observeFamily` keeps the order that makes a dial-back a proof.
 *
 * `kind`: the node that the user says runs here. Without `plan.ports` it asks about those of the node that it finds here;
 * where it finds none, nothing is asked of the network.
 *
 * Changes nothing that lasts but the memory of contacted addresses in `plan.stateFolder`. What the world does, and what this
 * host may not do, is evidence or its absence, never an exception. Silence costs about a second and a few round trips.
 */
export async function observe(
  host: Host,
  plan: ObservePlan,
  onProgress: (progress: Progress) => void,
  kind: NodeKind | null = null,
): Promise<readonly Evidence[]> {
  const notebook = new Notebook(host.clock, onProgress)
  const { earlier, sparing = false } = plan
  if (earlier !== undefined) carryOver(notebook, earlier)
  const [addresses, listenerList, servers, memory] = await Promise.all([
    notebook.step('addresses', () => probeAddresses(host)),
    notebook.step('listeners', () => listListeners(host)),
    resolveServers(host, plan.vantages, 'user'),
    ContactMemory.open(host, plan.stateFolder, plan.otherStateFolders),
  ])
  const listed = await notebook.step('containers', () => listContainers(host, addresses))
  const around = { sockets: listenerList?.sockets ?? [], containers: listed.containers }
  const found = await notebook.step('node', () => probeNode(host, { kind, ports: plan.ports, around, addresses }))
  const ports = plan.ports.length > 0 ? plan.ports : (found?.node.ports ?? [])
  noteNode(notebook, found)
  if (ports.length === 0) return notebook.evidence()

  const { candidates } = servers
  const families = await askedFamilies(host, addresses, candidates)
  const way = wayLatch(families)
  const gateways =
    earlier === undefined ? new GatewayQuestions({ host, notebook, memory, addresses }, way.measured) : null
  for (const fact of unresolved(servers, families[0]!)) notebook.add('vantage', fact)
  const keys = endpointKeys(ports, families)
  // Before any port is held: where rules take strangers elsewhere there is nothing to hold.
  const rules = await observeRules({ host, notebook, addresses, keys, listenerList })
  const listeners = keys.map((key, rank) => listenersOf(key, listenerList, rules.redirected[rank]!))
  for (const [rank, fact] of listeners.entries()) notebook.add('listeners', fact, rank)

  const { externalPorts = [], deep = false } = plan
  // Of the kind that was named, else of what was found: does somebody on the way stop them?
  const protocols = (kind ?? found?.kind)?.protocols ?? []
  const gatewaysAsked = gateways?.asked ?? Promise.resolve([])
  const routerControl = new RouterControl()
  const adminPorts = found?.node.adminPorts ?? []
  const told = { ports, adminPorts, externalPorts, protocols, deep, sparing, earlier }
  const shared = { host, notebook, memory, addresses, listenerList, gatewaysAsked, routerControl, ...told }
  const firsts = families.flatMap((family) => candidates.find((one) => one.family === family)?.address ?? [])
  const line = new LineCheck({ ...shared, families, servers: plan.publicStunServers }, firsts)
  const facts = await Promise.all(
    families.map((family) =>
      observeFamily({
        ...shared,
        family,
        listeners: listeners.filter((fact) => fact.family === family),
        candidates: candidates.filter((candidate) => candidate.family === family),
        onWayMeasured: () => way.note(family),
        onContact: (fact) => line.noteContact(fact),
      }),
    ),
  )
  const silent = families.filter((_, index) => !facts[index]!.some(answeredAtAll))
  if (silent.length > 0) await line.finish(silent, facts.flat())
  else await line.drop()
  const open = gateways === null ? undefined : routerControl.fact(await gateways.finish())
  if (open !== undefined) notebook.add('router-control', open)
  await rules.finish()
  notebook.add('containers', containersAbout(listed, ports))
  notebook.add('addresses', await withNeighbours(host, addresses))
  if (earlier !== undefined) fillIn(notebook, earlier)
  keepProofs(notebook, plan.proofs ?? [])
  return notebook.evidence()
}

function noteNode(notebook: Notebook, found: NodeFinding | undefined): void {
  if (found === undefined) return
  notebook.add('node', found.node)
  if (found.addresses !== null) notebook.add('node-addresses', found.addresses)
  for (const [rank, fact] of found.peers.entries()) notebook.add('node-peers', fact, rank)
  for (const [rank, fact] of found.opinions.entries()) notebook.add('node-opinion', fact, rank)
}

/** `measured` resolves when every family has been noted. */
function wayLatch(families: readonly Family[]): { readonly measured: Promise<void>; note(family: Family): void } {
  const left = new Set(families)
  let open = () => {}
  const measured = new Promise<void>((resolve) => {
    open = resolve
  })
  return {
    measured,
    note(family) {
      left.delete(family)
      if (left.size === 0) open()
    },
  }
}
