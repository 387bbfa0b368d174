/** What all benchmarks share: docs/benchmarks.md, to which each writes the section that it measured, and how numbers look. */
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, release } from 'node:os'

const PAGE = new URL('../docs/benchmarks.md', import.meta.url)

/** In the order in which they stand on the page. */
export const SECTIONS = {
  verdict: 'Time to verdict',
  audit: 'The matrix of the AutoNAT v2 audit',
  opening: 'Time to an open port',
  repair: 'Diagnosis, repair and proof',
  watch: 'What a watch costs',
  load: 'STUN under load',
  simulator: 'Packets and hosts in the simulator',
  diagnoses: 'Whole diagnoses in the simulator',
  twin: 'Questions to the twin',
  rules: 'Walks through rule sets',
  page: 'The page of the watch',
  start: 'Starting',
  size: 'What is installed',
}

/**
 * Prints one section and puts it on the page in place of what stood between its heading and the next; the others stay.
 * `command` is what writes it, `versions` what else it was measured with.
 */
export function writeSection(heading, { command, versions = [], body }) {
  const text = `## ${heading}\n\n${conditions(command, versions)}\n\n${body.trim()}\n`
  process.stdout.write(`${text}\n`)
  const [intro, ...sections] = readFileSync(PAGE, 'utf8').split(/^(?=## )/m)
  const kept = new Map(sections.map((section) => [section.split('\n')[0].slice(3), section]))
  kept.set(heading, text)
  const order = [...new Set([...Object.values(SECTIONS), ...kept.keys()])]
  const page = [intro, ...order.flatMap((each) => kept.get(each) ?? [])]
  writeFileSync(PAGE, `${page.map((each) => each.trim()).join('\n\n')}\n`)
}

function conditions(command, versions) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const programs = [`peerway ${version}`, `Node.js ${process.versions.node}`, ...versions, `Linux ${release()}`]
  const machine = `${availableParallelism()} processors (${cpus()[0]?.model ?? 'of an unknown kind'})`
  return `Written by \`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${[...programs, machine].join(', ')}.`
}

/** `head` begins with what the rows are; the other columns hold numbers. */
export function table(head, rows) {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column].length)))
  const cell = (text, column) => (column === 0 ? text.padEnd(widths[column]) : text.padStart(widths[column]))
  const rule = head.map((_, column) => `${'-'.repeat(widths[column] - 1)}${column === 0 ? '-' : ':'}`)
  return [head.map(cell), rule, ...rows.map((row) => row.map(cell))].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}

/** From the least to the most, each written by `write`. */
export function range(values, write) {
  return `${write(Math.min(...values))} to ${write(Math.max(...values))}`
}

export function seconds(ms) {
  return (ms / 1000).toFixed(2)
}

export function count(number) {
  return Math.round(number).toLocaleString('en')
}
