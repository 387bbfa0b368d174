import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { drawnPoints, type Point } from './series.ts'
import { LEAST_MS, type Stretch } from './stretch.ts'
import { followTouch, pulled } from './touch-zoom.ts'
import type { Words } from './words.ts'

interface PlotProps {
  /** `lanes`: one above the other, each filled by how much of the time it was 1. `lines`: together, by their values. */
  readonly kind: 'lanes' | 'lines'
  readonly series: readonly { readonly label: string; readonly points: readonly Point[] }[]
  readonly stretch: Stretch
  readonly words: Words
  readonly theme: string
  readonly onZoom: (stretch: Stretch) => void
}

const LANE_HEIGHT = 34
const LINES_HEIGHT = 150
const AXIS_HEIGHT = 30
/** The same for all plots, so that one time is above the other. */
const LABELS_WIDTH = 96
/** Above, right of (half of the last time), below and left of the plot. */
const PADDING: uPlot.Padding = [6, 26, 0, 0]
/** Of a lane; the rest is space to the next. */
const LANE_FILL = 0.72
/** What was not reachable, so that it is seen without its colour too: a low bar where a high one is missing. */
const SHUT_FILL = 0.16
const LEAST_DRAG_PX = 8
const SYNC = 'history'

export function Plot({ kind, series, stretch, words, theme, onZoom }: PlotProps) {
  const place = useRef<HTMLDivElement>(null)
  // A theme changes the colours that are read from the page.
  useEffect(() => {
    const element = place.current!
    const height = AXIS_HEIGHT + (kind === 'lanes' ? series.length * LANE_HEIGHT : LINES_HEIGHT)
    const colors = readColors()
    const data = uPlot.join(
      series.map(({ points }) => drawnPoints(points, stretch.until)),
      series.map(({ points }) => points.map(() => 2)),
    )
    const drawn = kind === 'lanes' ? lanes(data, series, colors) : lines(data, series, colors)
    const options: uPlot.Options = {
      width: Math.max(200, element.clientWidth),
      height,
      padding: PADDING,
      ...drawn.options,
      scales: { x: { time: true, range: () => [stretch.since / 1000, stretch.until / 1000] }, y: drawn.scale },
      axes: [timeAxis(words, colors), drawn.axis],
      legend: { show: false },
      cursor: { sync: { key: SYNC }, drag: { x: true, y: false, setScale: false }, points: { show: kind === 'lines' } },
      hooks: {
        setSelect: [
          (plot) => {
            const { left, width } = plot.select
            if (width < LEAST_DRAG_PX) return
            const at = (px: number) => plot.posToVal(px, 'x') * 1000
            onZoom({ since: at(left), until: at(left + width) })
          },
        ],
      },
    }
    const plot = new uPlot(options, drawn.data, element)
    let gripped = stretch
    let shown = stretch
    const show = (next: Stretch) => {
      shown = next
      plot.setScale('x', { min: shown.since / 1000, max: shown.until / 1000 })
    }
    const stopFollowing = followTouch(plot.over, {
      onGrip: () => {
        gripped = shown
      },
      onPull: (from, to) => show(pulled(gripped, from, to, LEAST_MS)),
      onEnd: () => onZoom(shown),
      onCancel: () => show(stretch),
    })
    const observer = new ResizeObserver(() => plot.setSize({ width: Math.max(200, element.clientWidth), height }))
    observer.observe(element)
    return () => {
      stopFollowing()
      observer.disconnect()
      plot.destroy()
    }
  }, [kind, series, stretch, words, theme])
  return <div class="plot" ref={place} aria-hidden="true" />
}

interface Colors {
  readonly soft: string
  readonly line: string
  readonly good: string
  readonly bad: string
  readonly accent: string
  readonly doubt: string
  readonly font: string
}

function readColors(): Colors {
  const style = getComputedStyle(document.documentElement)
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    soft: color('soft'),
    line: color('line'),
    good: color('good'),
    bad: color('bad'),
    accent: color('accent'),
    doubt: color('doubt'),
    font: `12px ${style.fontFamily}`,
  }
}

interface Drawing {
  readonly data: uPlot.AlignedData
  readonly options: Pick<uPlot.Options, 'series'>
  readonly scale: uPlot.Scale
  readonly axis: uPlot.Axis
}

type Labelled = PlotProps['series']

/** The first lane on top. Two bars of each: how much was reachable, and that some was not. */
function lanes(data: uPlot.AlignedData, series: Labelled, colors: Colors): Drawing {
  const stepped = uPlot.paths.stepped!({ align: 1 })
  const bars = series.flatMap((_, index): { readonly values: (number | null)[]; readonly options: uPlot.Series }[] => {
    const base = series.length - 1 - index
    const values = data[index + 1] as (number | null | undefined)[]
    const bar = (color: string, height: (value: number) => number | null) => ({
      values: values.map((value) => {
        const above = value == null ? value : height(value)
        return above == null ? (above as null) : base + above
      }),
      options: { paths: stepped, fillTo: base, fill: color, width: 0, points: { show: false } } as uPlot.Series,
    })
    return [bar(colors.good, (value) => value * LANE_FILL), bar(colors.bad, (value) => (value < 1 ? SHUT_FILL : null))]
  })
  return {
    data: [data[0], ...bars.map(({ values }) => values)] as uPlot.AlignedData,
    options: { series: [{}, ...bars.map(({ options }) => options)] },
    scale: { range: () => [0, series.length] },
    axis: {
      stroke: colors.soft,
      font: colors.font,
      size: LABELS_WIDTH,
      grid: { show: false },
      ticks: { show: false },
      splits: () => series.map((_, index) => series.length - 1 - index + LANE_FILL / 2),
      values: () => series.map(({ label }) => label),
    },
  }
}

function lines(data: uPlot.AlignedData, series: Labelled, colors: Colors): Drawing {
  const strokes = [colors.accent, colors.doubt, colors.good, colors.bad]
  const shown = series.map((_, index): uPlot.Series => {
    return { stroke: strokes[index % strokes.length]!, width: 2, points: { size: 5 } }
  })
  return {
    data,
    options: { series: [{}, ...shown] },
    scale: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] },
    axis: {
      stroke: colors.soft,
      font: colors.font,
      size: LABELS_WIDTH,
      grid: { stroke: colors.line, width: 1 },
      ticks: { show: false },
    },
  }
}

const DAY_S = 86_400

/** In the reader's language: hours within days, days beyond. */
function timeAxis({ locale }: Words, { soft, line, font }: Colors): uPlot.Axis {
  const hour = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' })
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })
  return {
    stroke: soft,
    font,
    size: AXIS_HEIGHT,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    space: 70,
    values: (_plot, splits, _axis, _space, step) => splits.map((at) => (step >= DAY_S ? day : hour).format(at * 1000)),
  }
}
