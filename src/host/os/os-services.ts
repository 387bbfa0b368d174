import type { Services } from '../host.ts'
import { runProgram } from './run-program.ts'

export const osServices: Services = { run: async (command, options) => runProgram(command, options) }
