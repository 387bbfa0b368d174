/** Mapping and filtering behavior, the two axes of RFC 4787 (§4.1 and §5). */
export type Behavior = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent'

/** `none`: nothing translates. */
export type MappingBehavior = Behavior | 'none' | 'unknown'

/** `none`: whatever is sent to a bound port arrives, whether or not the host has sent anything from it. */
export type FilteringBehavior = Behavior | 'unknown'
