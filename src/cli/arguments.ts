import { type ParseArgsConfig, parseArgs } from 'node:util'
import { errorText, PeerwayError } from '../model/error.ts'
import type { Message } from '../model/message.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/**
 * `node:util` parseArgs for one command, with errors that people can read. `positionals` is how many arguments beside
 * the options are allowed. Every problem is a `PeerwayError` `bad-input`.
 */
export function readArguments<O extends Options>(
  command: string,
  args: readonly string[],
  options: O,
  positionals = 0,
): ReturnType<typeof parseArgs<{ args: string[]; options: O; allowPositionals: true; strict: true }>> {
  const parsed = parse(command, args, options)
  const extra = parsed.positionals[positionals]
  if (extra !== undefined) throw usage(command, errorText('error.of.usage-argument', { extra }))
  return parsed
}

function parse<O extends Options>(command: string, args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw usage(command, whatIsWrong(error))
  }
}

/** Node's own texts run over several lines and advise how to write a positional argument that nobody meant. */
function whatIsWrong(error: unknown): Message {
  const { code, message } = error as NodeJS.ErrnoException
  const option = /'(-[^' ]*)/.exec(message)?.[1] ?? ''
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return errorText('error.of.usage-option', { option })
  if (/does not take an argument/.test(message)) {
    return errorText('error.of.usage-value', { option: option.replace(/^-., /, '') })
  }
  if (/argument missing|ambiguous/.test(message)) return errorText('error.of.usage-missing', { option })
  return errorText('error.of.usage-other', { words: message.split('\n')[0]! })
}

function usage(command: string, problem: Message): PeerwayError {
  return new PeerwayError('bad-input', errorText('error.usage', { command, problem }))
}
