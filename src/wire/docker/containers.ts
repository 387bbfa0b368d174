import type { Address, Transport } from '../../model/endpoint.ts'
import { type Decoded, decoded, malformed } from '../bytes.ts'
import { address, type Field, integer, list, nullable, oneOf, port, shape, text } from '../control/fields.ts'

/** A running container, as `GET /containers/json` of the Docker Engine API (1.24 and later; Podman's too) lists it. */
export interface ListedContainer {
  /** 12 to 64 hexadecimal digits. */
  readonly id: string
  readonly name: string
  readonly image: string
  readonly networkMode: string
  readonly networks: readonly ListedNetwork[]
  readonly published: readonly ListedPort[]
  readonly compose: { readonly service: string; readonly file: string | null } | null
}

export interface ListedNetwork {
  readonly name: string
  /** Null where the engine does not tell. */
  readonly id: string | null
  readonly addresses: readonly Address[]
  /** Who passes on what the container sends out. */
  readonly gateways: readonly Address[]
}

export interface ListedPort {
  readonly transport: Transport
  /** Inside. */
  readonly port: number
  readonly hostPort: number
  /** Of the host; null where the engine names none, which means all of them. */
  readonly hostAddress: Address | null
}

export type DockerErrorCode = 'not-json' | 'unexpected'

const MOST_CONTAINERS = 4096
const MOST_PORTS = 65_536
const MOST_NETWORKS = 256

const words = text(1024)

/** An address that may be missing, or empty where there is none. */
const addressOrNone: Field<Address | null> = {
  read: (value) => (value === '' || value === null || value === undefined ? null : address.read(value)),
  write: (value) => value,
}

const portEntry = shape({
  IP: addressOrNone,
  PrivatePort: port,
  // 0, or no key at all: exposed, and not published.
  PublicPort: nullable(integer(0, 65_535)),
  Type: oneOf(['tcp', 'udp', 'sctp']),
})

const networkEntry = shape({
  NetworkID: nullable(words),
  IPAddress: addressOrNone,
  GlobalIPv6Address: addressOrNone,
  Gateway: addressOrNone,
  IPv6Gateway: addressOrNone,
})

// What becomes part of a path or of a command for people holds no letter that means anything to either.
const containerId = pattern(/^[0-9a-f]{12,64}$/)
const slashedName = pattern(/^\/?[A-Za-z0-9][\w./-]{0,255}$/)
const imageName = pattern(/^[A-Za-z0-9][\w./:@+-]{0,1023}$/)
const serviceName = pattern(/^[\w.-]{1,255}$/)
const networkName = pattern(/^[\w./:=,@-]{0,1023}$/)

const SERVICE = 'com.docker.compose.service'
const FILES = 'com.docker.compose.project.config_files'

const containerEntry = shape({
  Id: containerId,
  Names: list(slashedName, 64),
  Image: imageName,
  Labels: nullable(shape({ [SERVICE]: nullable(serviceName), [FILES]: nullable(text(16_384)) })),
  HostConfig: nullable(shape({ NetworkMode: nullable(networkName) })),
  NetworkSettings: nullable(shape({ Networks: nullable(dictionary(networkEntry, MOST_NETWORKS)) })),
  Ports: nullable(list(portEntry, MOST_PORTS)),
})

/** Only what is named above is kept; environments, mounts and commands, where secrets are, are never looked at. */
export function decodeContainerList(body: string): Decoded<readonly ListedContainer[], DockerErrorCode> {
  return decodeAs(body, list(containerEntry, MOST_CONTAINERS), (entries) => entries.map(toContainer))
}

export interface InspectedContainer {
  /** Of its first process; null when it runs no more. */
  readonly pid: number | null
  /** Null where the engine does not tell. Podman tells it here alone, and not in its list. */
  readonly networkMode: string | null
}

/** What of `GET /containers/ID/json` is of use. */
export function decodeContainerInspection(body: string): Decoded<InspectedContainer, DockerErrorCode> {
  const inspection = shape({
    State: shape({ Pid: integer(0, 2 ** 31 - 1) }),
    HostConfig: nullable(shape({ NetworkMode: nullable(networkName) })),
  })
  return decodeAs(body, inspection, ({ State: { Pid }, HostConfig }) => {
    return { pid: Pid === 0 ? null : Pid, networkMode: HostConfig?.NetworkMode ?? null }
  })
}

/** Drivers of all networks by the networks' ids and names, out of `GET /networks`: Podman's containers name theirs. */
export function decodeNetworkDrivers(body: string): Decoded<ReadonlyMap<string, string>, DockerErrorCode> {
  const networks = list(shape({ Id: words, Name: nullable(words), Driver: words }), MOST_CONTAINERS)
  return decodeAs(body, networks, (entries) => {
    const named = entries.flatMap(({ Name, Driver }) => (Name === null ? [] : [[Name, Driver] as const]))
    return new Map([...named, ...entries.map(({ Id, Driver }) => [Id, Driver] as const)])
  })
}

type Entry = NonNullable<ReturnType<(typeof containerEntry)['read']>>

function toContainer({ Id, Names, Image, Labels, HostConfig, NetworkSettings, Ports }: Entry): ListedContainer {
  const networks = Object.entries(NetworkSettings?.Networks ?? {})
  const service = Labels?.[SERVICE]
  return {
    id: Id,
    // A link of old adds names with a second slash.
    name: (Names.find((name) => !name.slice(1).includes('/')) ?? Id.slice(0, 12)).replace(/^\//, ''),
    image: Image,
    networkMode: HostConfig?.NetworkMode ?? '',
    networks: networks.map(([name, { NetworkID, IPAddress, GlobalIPv6Address, Gateway, IPv6Gateway }]) => ({
      name,
      id: NetworkID,
      addresses: [IPAddress, GlobalIPv6Address].filter((one) => one !== null),
      gateways: [Gateway, IPv6Gateway].filter((one) => one !== null),
    })),
    published: (Ports ?? []).flatMap(({ IP, PrivatePort, PublicPort, Type }) =>
      PublicPort === null || PublicPort === 0 || Type === 'sctp'
        ? []
        : [{ transport: Type, port: PrivatePort, hostPort: PublicPort, hostAddress: IP }],
    ),
    compose: service ? { service, file: composeFile(Labels?.[FILES]) } : null,
  }
}

/** The first of several; a service's ports may stand in any of them. */
function composeFile(files: string | null | undefined): string | null {
  const first = files?.split(',')[0]
  return first !== undefined && first !== '' && first.length <= 1024 ? first : null
}

function decodeAs<T, Value>(
  body: string,
  field: Field<T>,
  toValue: (read: T) => Value,
): Decoded<Value, DockerErrorCode> {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return malformed('not-json', 0)
  }
  const read = field.read(json)
  return read === undefined ? malformed('unexpected', 0) : decoded(toValue(read))
}

function pattern(form: RegExp): Field<string> {
  return {
    read: (value) => (typeof value === 'string' && form.test(value) ? value : undefined),
    write: (value) => value,
  }
}

/** An object whose keys are names; at most `most` of them. One bad value spoils all. */
function dictionary<T>(field: Field<T>, most: number): Field<Readonly<Record<string, T>>> {
  return {
    read: (value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
      const entries = Object.entries(value)
      if (entries.length > most || entries.some(([key]) => words.read(key) === undefined)) return undefined
      const read = entries.map(([key, each]) => [key, field.read(each)] as const)
      return read.some(([, each]) => each === undefined) ? undefined : (Object.fromEntries(read) as Record<string, T>)
    },
    write: (value) => value,
  }
}
