import type { Stretch } from './stretch.ts'

/** Where fingers are over a plot: parts of its width from its left edge, of at most two of them, always in the same order. */
export type Fingers = readonly number[]

/**
 * The stretch of time that a plot shows once fingers have moved: what was under each of them still is. One finger moves it, two
 * make it wider or narrower as well, but not narrower than `leastMs`.
 */
export function pulled(shown: Stretch, from: Fingers, to: Fingers, leastMs: number): Stretch {
  const width = shown.until - shown.since
  const timeAt = (part: number) => shown.since + part * width
  const [a = 0, b = a] = from
  const [c = 0, d = c] = to
  // Fingers that touch, or have passed each other, tell no width.
  const apart = (d - c) * Math.sign(b - a)
  const wanted = a === b ? width : (width * Math.abs(b - a)) / Math.max(apart, Math.abs(b - a) * LEAST_SHRINK)
  const newWidth = Math.max(leastMs, wanted)
  const since = (timeAt(a) + timeAt(b)) / 2 - ((c + d) / 2) * newWidth
  return { since, until: since + newWidth }
}

/** In one gesture no further out than this. */
const LEAST_SHRINK = 0.02

export interface TouchEvents {
  /** Other fingers than before are there: what comes is told from here on. */
  readonly onGrip: () => void
  readonly onPull: (from: Fingers, to: Fingers) => void
  readonly onEnd: () => void
  /** The browser has taken the fingers for itself, to scroll. */
  readonly onCancel: () => void
}

/** Less is the trembling of a tap. */
const LEAST_PULL_PX = 8

/**
 * Tells how fingers move over `element`. Sideways is for the plot, up and down scrolls the page (`touch-action: pan-y`); mice and pens
 * are left to the plot itself. Returns how to stop.
 */
export function followTouch(element: HTMLElement, { onGrip, onPull, onEnd, onCancel }: TouchEvents): () => void {
  const from = new Map<number, number>()
  const now = new Map<number, number>()
  let isPulled = false
  const partAt = ({ clientX }: PointerEvent) => {
    const { left, width } = element.getBoundingClientRect()
    return (clientX - left) / width
  }
  const grip = () => {
    for (const [id, part] of now) from.set(id, part)
    onGrip()
  }
  const down = (event: PointerEvent) => {
    if (event.pointerType !== 'touch' || now.size === 2) return
    now.set(event.pointerId, partAt(event))
    element.setPointerCapture(event.pointerId)
    grip()
  }
  const move = (event: PointerEvent) => {
    const { pointerId } = event
    if (!now.has(pointerId)) return
    now.set(pointerId, partAt(event))
    isPulled ||= Math.abs(now.get(pointerId)! - from.get(pointerId)!) * element.clientWidth >= LEAST_PULL_PX
    if (isPulled) onPull([...from.values()], [...now.values()])
  }
  const up = ({ pointerId }: PointerEvent) => {
    if (!now.delete(pointerId)) return
    from.delete(pointerId)
    if (now.size > 0) return grip()
    if (isPulled) onEnd()
    isPulled = false
  }
  const cancel = ({ pointerId }: PointerEvent) => {
    if (!now.has(pointerId)) return
    now.clear()
    from.clear()
    isPulled = false
    onCancel()
  }
  const handlers = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: cancel }
  const all = Object.entries(handlers) as [keyof typeof handlers, (event: PointerEvent) => void][]
  for (const [type, handler] of all) element.addEventListener(type, handler)
  return () => {
    for (const [type, handler] of all) element.removeEventListener(type, handler)
  }
}
