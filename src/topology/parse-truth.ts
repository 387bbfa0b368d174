import type { Answer } from '../model/answer.ts'
import type { EndpointName } from '../model/endpoint.ts'
import { errorText } from '../model/error.ts'
import { OBSTACLE_STAGES, type ObstacleId, WARNING_IDS, type WarningId } from '../model/obstacle.ts'
import { type Names, nameOf } from './names.ts'
import { asWritten, likelyMeant } from './problem.ts'
import {
  entries,
  found,
  list,
  oneOf,
  optional,
  type Parse,
  type Place,
  type Reader,
  record,
  required,
} from './reader.ts'
import { integer, text, word } from './scalars.ts'
import type { Truth } from './topology.ts'

const ANSWERS = ['yes', 'no', 'unknown'] as const
const BEHAVIORS = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent', 'unknown'] as const
const OBSTACLE_IDS = Object.keys(OBSTACLE_STAGES) as readonly ObstacleId[]

/** One entry of `truth:`. */
export function truthParser(names: Names): Parse<Truth> {
  const fields = record({
    on: required(nameOf(names, 'host')),
    check: required(text),
    verdict: required(word(['reachable', 'partly-reachable', 'unreachable', 'unknown'] as const)),
    exit: required(integer(0, 3, errorText('problem.of-status'))),
    endpoints: required(answersByEndpoint),
    stranger: optional<ReadonlyMap<EndpointName, Answer>>(answersByEndpoint, new Map()),
    obstacles: optional<ReadonlyMap<ObstacleId, readonly EndpointName[]>>(obstacles, new Map()),
    atMostLikely: optional(list(word(OBSTACLE_IDS)), []),
    warnings: optional<readonly WarningId[] | null>(list(word(WARNING_IDS)), null),
    nat: optional(natTruth, {}),
  })
  return (reader, at) => {
    const given = fields(reader, at)
    if (given === undefined) return undefined
    for (const [id, stopped] of given.obstacles) {
      for (const endpoint of stopped.filter((each) => !given.endpoints.has(each))) {
        const stray = errorText('problem.endpoint-under', { endpoint, obstacle: id })
        reader.wrong(at, stray, oneOf([...given.endpoints.keys()]))
      }
    }
    return {
      ...given,
      check: given.check.split(/\s+/).filter((word) => word !== ''),
      stranger: new Map([...given.endpoints, ...given.stranger]),
    }
  }
}

const natFields = record({
  layers: optional<number | null>(integer(0, 8, errorText('problem.of-translators')), null),
  mapping: optional<Mapping | null>(word(['none', ...BEHAVIORS] as const), null),
  filtering: optional<Filtering | null>(word(BEHAVIORS), null),
})
type Filtering = (typeof BEHAVIORS)[number]
type Mapping = 'none' | Filtering

const natTruth: Parse<Truth['nat']> = (reader, at) => {
  const given = natFields(reader, at)
  if (given === undefined) return undefined
  const { layers, mapping, filtering } = given
  return {
    ...(layers === null ? {} : { layers }),
    ...(mapping === null ? {} : { mapping }),
    ...(filtering === null ? {} : { filtering }),
  }
}

const answersByEndpoint: Parse<ReadonlyMap<EndpointName, Answer>> = (reader, at) => {
  const given = entries(reader, at, errorText('problem.map-of-answers'))
  if (given === undefined) return undefined
  const result = new Map<EndpointName, Answer>()
  for (const { key, keyPlace, value } of given) {
    const endpoint = endpointNamed(reader, keyPlace, key)
    const answer = word(ANSWERS)(reader, value)
    if (endpoint !== undefined && answer !== undefined) result.set(endpoint, answer)
  }
  return result
}

const obstacles: Parse<ReadonlyMap<ObstacleId, readonly EndpointName[]>> = (reader, at) => {
  const given = entries(reader, at, errorText('problem.map-of-obstacles'))
  if (given === undefined) return undefined
  const result = new Map<ObstacleId, readonly EndpointName[]>()
  for (const { key, keyPlace, value } of given) {
    const stopped = list(endpoint)(reader, value)
    if (!(key in OBSTACLE_STAGES)) {
      const unknown = errorText('problem.unknown-obstacle', { name: key })
      reader.wrong(keyPlace, unknown, oneOf(OBSTACLE_IDS), likelyMeant(key, OBSTACLE_IDS))
    } else if (stopped !== undefined) result.set(key as ObstacleId, stopped)
  }
  return result
}

const endpoint: Parse<EndpointName> = (reader, at) => {
  const written = text(reader, at)
  return written === undefined ? undefined : endpointNamed(reader, at, written)
}

function endpointNamed(reader: Reader, at: Place, written: string): EndpointName | undefined {
  const match = /^(udp|tcp)\/(ipv4|ipv6)\/([0-9]{1,5})$/.exec(written)
  const port = Number(match?.[3])
  if (match !== null && port >= 1 && port <= 65_535) return written as EndpointName
  return reader.wrong(
    at,
    match === null ? asWritten(JSON.stringify(written)) : found(at.node),
    errorText('problem.endpoint'),
  )
}
