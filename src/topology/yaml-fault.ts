import type { ErrorTextId } from '../model/error-texts.ts'
import { type Message, message } from '../model/message.ts'

/** What the parser stumbled over, by its own codes: its sentences are for whoever calls it, and English alone. */
const FAULTS: Readonly<Record<string, ErrorTextId>> = {
  BAD_ALIAS: 'problem.yaml-alias',
  BAD_DQ_ESCAPE: 'problem.yaml-quoted',
  BAD_INDENT: 'problem.yaml-indent',
  BAD_SCALAR_START: 'problem.yaml-start',
  DUPLICATE_KEY: 'problem.yaml-key-twice',
  KEY_OVER_1024_CHARS: 'problem.yaml-key',
  MISSING_CHAR: 'problem.yaml-missing',
  MULTILINE_IMPLICIT_KEY: 'problem.yaml-key',
  MULTIPLE_DOCS: 'problem.yaml-documents',
  TAB_AS_INDENT: 'problem.yaml-tab',
  TAG_RESOLVE_FAILED: 'problem.yaml-tag',
}

/** `code`: that of an error of the YAML library. */
export function yamlFault(code: string): Message {
  return message(Object.hasOwn(FAULTS, code) ? FAULTS[code]! : 'problem.yaml-unexpected')
}
