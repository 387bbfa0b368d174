/** Something that happens at a moment. Packets on a cable are such themselves, so that a hop allocates nothing. */
export interface Scheduled {
  atMs: number
  /** Of two at the same moment, the one scheduled first happens first. */
  order: number
  fire(): void
}

const WIDTH = 4

/** A heap of what is yet to happen, four children to a parent, as that is kinder to the cache than two. */
export class Schedule {
  readonly #heap: Scheduled[] = []
  #order = 0

  get size(): number {
    return this.#heap.length
  }

  add(event: Scheduled): void {
    event.order = this.#order++
    const heap = this.#heap
    let hole = heap.length
    heap.push(event)
    while (hole > 0) {
      const above = (hole - 1) >> 2
      const parent = heap[above]!
      if (precedes(parent, event)) break
      heap[hole] = parent
      hole = above
    }
    heap[hole] = event
  }

  /** Takes out what happens next; undefined when nothing will. */
  next(): Scheduled | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let hole = 0
    for (;;) {
      const left = hole * WIDTH + 1
      if (left >= heap.length) break
      let least = left
      const end = Math.min(left + WIDTH, heap.length)
      for (let child = left + 1; child < end; child++) if (precedes(heap[child]!, heap[least]!)) least = child
      if (precedes(last, heap[least]!)) break
      heap[hole] = heap[least]!
      hole = least
    }
    heap[hole] = last
    return first
  }
}

function precedes(a: Scheduled, b: Scheduled): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
