import { SaxesParser } from 'saxes'
import { type Decoded, decoded, malformed } from '../bytes.ts'

/** One element. Names are without their prefix; attributes are not kept, for nothing that peerway reads has any. */
export interface XmlElement {
  readonly name: string
  readonly children: readonly XmlElement[]
  /** The text directly inside, entities replaced, without white space around it. */
  readonly text: string
}

/** `dtd`: it declares a document type or an entity. `too-much`: too long, too deep, or too many elements. */
export type XmlError = 'not-xml' | 'dtd' | 'too-much'

const MOST_BYTES = 65_536
const MOST_DEPTH = 32
const MOST_ELEMENTS = 4096

/**
 * Reads an XML document of at most 64 KiB of UTF-8, strictly: one that is not well-formed is refused, and so is one that
 * has a document type or an entity of its own, before it is looked into. No entities but the five of XML and character
 * references. White space and zero bytes around the document are forgiven, for many routers send them. Pure, and
 * throws on no input.
 */
export function parseXml(bytes: Uint8Array): Decoded<XmlElement, XmlError> {
  if (bytes.length > MOST_BYTES) return malformed('too-much', MOST_BYTES)
  const text = new TextDecoder().decode(bytes).replace(/^[\s\0]+|[\s\0]+$/g, '')
  const declaration = /<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)/i.exec(text)
  if (declaration !== null) return malformed('dtd', declaration.index)
  const tree = new TreeBuilder()
  try {
    tree.parser.write(text).close()
  } catch (error) {
    // Anything else would be a mistake of the library, and what a stranger sends shall not reach further than this.
    return malformed(error instanceof Refused ? error.code : 'not-xml', 0)
  }
  return tree.root === undefined ? malformed('not-xml', 0) : decoded(tree.root)
}

class Refused extends Error {
  readonly code: XmlError

  constructor(code: XmlError) {
    super(code)
    this.code = code
  }
}

interface Growing {
  readonly name: string
  readonly children: XmlElement[]
  text: string
}

class TreeBuilder {
  readonly parser = new SaxesParser({ xmlns: false, position: false })
  root: XmlElement | undefined
  readonly #open: Growing[] = []
  #elements = 0

  constructor() {
    const { parser } = this
    // Whatever a handler throws ends the parsing: that is how the bounds hold.
    parser.on('error', () => {
      throw new Refused('not-xml')
    })
    parser.on('opentag', ({ name }) => this.#enter(name))
    parser.on('closetag', () => this.#leave())
    parser.on('text', (text) => this.#append(text))
    parser.on('cdata', (text) => this.#append(text))
  }

  #enter(name: string): void {
    this.#elements += 1
    if (this.#elements > MOST_ELEMENTS || this.#open.length === MOST_DEPTH) throw new Refused('too-much')
    this.#open.push({ name: name.slice(name.indexOf(':') + 1), children: [], text: '' })
  }

  #leave(): void {
    const { name, children, text } = this.#open.pop()!
    const element = { name, children, text: text.trim() }
    const parent = this.#open.at(-1)
    if (parent === undefined) this.root = element
    else parent.children.push(element)
  }

  #append(text: string): void {
    const element = this.#open.at(-1)
    if (element !== undefined) element.text += text
  }
}
