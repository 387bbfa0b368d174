import { afterAll } from 'vitest'
import { Machine } from '../../src/sim/machine.ts'
import { openSimHost } from '../../src/sim/sim-host/sim-host.ts'
import { World } from '../../src/sim/world.ts'
import { hostConformance } from '../host/conformance.ts'

const world = new World(1)
// The suite awaits from outside of the world, so time has to pass by itself.
afterAll(world.drive())

hostConformance('the simulated host', () => openSimHost(new Machine(world, 'alone')), {
  folder: '/conformance',
  exceptions: [],
})
