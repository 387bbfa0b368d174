import type { Services } from '../host.ts'
import { containerEngines } from './container-engines.ts'
import { runProgram } from './run-program.ts'

export const osServices: Services = {
  run: async (command, options) => runProgram(command, options),
  engines: containerEngines,
}
