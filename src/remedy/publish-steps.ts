import { type Message, message } from '../model/message.ts'
import type { Obstacle } from '../model/obstacle.ts'
import type { Site } from './site.ts'

/** How each container gets its port published. Its other options are not known here, and some of them are secrets. */
export function publishSteps({ obstacles }: Site): readonly Message[] {
  const unpublished = obstacles.filter(({ id }) => id === 'port-not-published')
  const byDocker = unpublished.some(({ text }) => (text.params.engine ?? 'docker') === 'docker')
  const warning = byDocker ? [message('step.published-passes-ufw')] : []
  return [...unpublished.flatMap(stepsFor), ...warning]
}

function stepsFor(obstacle: Obstacle): readonly Message[] {
  const { container, engine = 'docker', service, file, only, published, ineffective } = obstacle.text.params
  if (ineffective !== undefined) return [message('step.publish-port-engine')]
  const mappings = mappingsOf(obstacle)
  if (service !== undefined) {
    const entries = mappings.map((mapping) => `\`- "${mapping}"\``).join(', ')
    const instead = published === undefined ? undefined : `"${published}:..."`
    return [
      message('step.publish-port-compose', { file, service, entries, only, published: instead }),
      message('step.publish-port-compose-up', { engine, service }),
    ]
  }
  if (container === undefined || obstacle.text.params.image === undefined) {
    return [message('step.publish-port', { flags: mappings.join(' -p ') })]
  }
  return [message('step.publish-port-run', { engine, container, command: runCommand(obstacle) })]
}

/** The old container is kept under another name until the new one is seen to work; its volumes go on. */
function runCommand(obstacle: Obstacle): string {
  const { container, image, engine, network } = obstacle.text.params
  const old = `${container}-before`
  const isDefault = ['', 'default', 'bridge'].includes(`${network}`)
  const flags = [
    `--name ${container}`,
    `--volumes-from ${old}`,
    ...(isDefault ? [] : [`--network ${network}`]),
    ...mappingsOf(obstacle).map((mapping) => `-p ${mapping}`),
  ]
  const steps = [`stop ${container}`, `rename ${container} ${old}`, `run -d ${flags.join(' ')} ${image}`]
  return steps.map((step) => `${engine} ${step}`).join(' && ')
}

/** `4001:4001/tcp`, whatever the families. */
function mappingsOf({ endpoints, text }: Obstacle): readonly string[] {
  const { range } = text.params
  // Of a node that opens any of them for a while, all of them.
  if (range !== undefined) return [`${range}:${range}/${endpoints[0]!.split('/')[0]}`]
  const mappings = endpoints.map((name) => {
    const [transport, , port] = name.split('/')
    return `${port}:${port}/${transport}`
  })
  return [...new Set(mappings)]
}
