import { useEffect, useMemo, useState } from 'preact/hooks'
import { getSeries, type WatchHistory } from './api.ts'
import { Plot } from './plot.tsx'
import { seriesLabel, summaryOf } from './series.ts'
import { serverNowMs } from './server-time.ts'
import { type Stretch, withinHistory } from './stretch.ts'
import { useWords, type Words } from './words.ts'

const DAY_MS = 86_400_000
const RANGES = { day: DAY_MS, week: 7 * DAY_MS, month: 31 * DAY_MS, year: 366 * DAY_MS } as const
type Range = keyof typeof RANGES

const MOST_SERIES = 12
const POINTS = 400

const GROUPS = [
  { kind: 'reachable', title: 'page.plot-reachable' },
  { kind: 'peers', title: 'page.plot-peers' },
  { kind: 'rtt', title: 'page.plot-rtt' },
] as const

interface HistoryProps {
  /** Changes when there may be something new. */
  readonly turn: string
  readonly theme: string
}

/** How it was: a stretch of time up to now, or any part of it. */
export function History({ turn, theme }: HistoryProps) {
  const words = useWords()
  const { say, lang } = words
  const [range, setRange] = useState<Range>('day')
  const [zoomed, setZoomed] = useState<Stretch | null>(null)
  const [history, setHistory] = useState<{ readonly of: WatchHistory; readonly stretch: Stretch } | null>(null)

  // `turn` says that there may be something new.
  useEffect(() => {
    let isOld = false
    const now = serverNowMs()
    const stretch = zoomed ?? { since: now - RANGES[range], until: now }
    const query = { ...stretch, points: POINTS }
    const load = async () => {
      const { names } = await getSeries({ ...query, series: [] }, lang)
      const shown = names.filter((name) => GROUPS.some(({ kind }) => name.split(' ')[0] === kind)).slice(0, MOST_SERIES)
      const found = await getSeries({ ...query, series: shown }, lang)
      if (!isOld) setHistory({ of: found, stretch })
    }
    // That the server is gone is told above.
    load().catch(() => {})
    return () => {
      isOld = true
    }
  }, [range, zoomed, turn, lang])

  const zoomTo = (wanted: Stretch) => setZoomed(withinHistory(wanted, serverNowMs()))
  const zoom = (factor: number, shift: number) => {
    const now = serverNowMs()
    const { since, until } = zoomed ?? { since: now - RANGES[range], until: now }
    const middle = (since + until) / 2 + shift * (until - since)
    const half = ((until - since) * factor) / 2
    zoomTo({ since: middle - half, until: middle + half })
  }
  const buttons = [
    ['page.earlier', '←', () => zoom(1, -0.5)],
    ['page.later', '→', () => zoom(1, 0.5)],
    ['page.zoom-in', '+', () => zoom(0.5, 0)],
    ['page.zoom-out', '−', () => zoom(2, 0)],
  ] as const
  return (
    <section class="card">
      <div class="history-head">
        <h2>{say('page.history')}</h2>
        <fieldset>
          <legend class="unseen">{say('page.range')}</legend>
          {(Object.keys(RANGES) as Range[]).map((each) => (
            <button
              type="button"
              class="quiet"
              key={each}
              aria-pressed={zoomed === null && range === each}
              onClick={() => {
                setRange(each)
                setZoomed(null)
              }}
            >
              {say(`page.range-${each}`)}
            </button>
          ))}
          {buttons.map(([name, sign, act]) => (
            <button type="button" class="quiet" key={name} aria-label={say(name)} title={say(name)} onClick={act}>
              {sign}
            </button>
          ))}
        </fieldset>
      </div>
      {history !== null && (
        <Plots history={history.of} stretch={history.stretch} words={words} theme={theme} onZoom={zoomTo} />
      )}
      <p class="soft small hint">{say('page.zoom-hint')}</p>
    </section>
  )
}

interface PlotsProps {
  readonly history: WatchHistory
  readonly stretch: Stretch
  readonly words: Words
  readonly theme: string
  readonly onZoom: (stretch: Stretch) => void
}

function Plots({ history, stretch, words, theme, onZoom }: PlotsProps) {
  const { say } = words
  // The same values as long as nothing new was loaded: a plot that is drawn anew forgets where somebody drags.
  const groups = useMemo(() => groupsOf(history), [history])
  if (groups.length === 0) return <p class="soft">{say('page.no-points')}</p>
  return (
    <>
      {groups.map(({ kind, title, series, shown }) => (
        <figure key={kind}>
          <figcaption>
            <h3>{say(title)}</h3>
            {/* The same for whoever does not see the plot. */}
            <ul class="summary">
              {series.map(({ name, points }) => (
                <li key={name}>{summarise(kind, name, points, words)}</li>
              ))}
            </ul>
          </figcaption>
          <Plot
            kind={kind === 'reachable' ? 'lanes' : 'lines'}
            series={shown}
            stretch={stretch}
            words={words}
            theme={theme}
            onZoom={onZoom}
          />
        </figure>
      ))}
    </>
  )
}

function groupsOf(history: WatchHistory) {
  return GROUPS.map(({ kind, title }) => {
    const series = history.series.filter(({ name, points }) => name.split(' ')[0] === kind && points.length > 0)
    const shown = series.map(({ name, points }) => ({ label: seriesLabel(name), points }))
    return { kind, title, series, shown }
  }).filter(({ series }) => series.length > 0)
}

type Series = WatchHistory['series'][number]

function summarise(kind: string, name: string, points: Series['points'], { say, number }: Words): string {
  const summary = summaryOf(points)
  const label = kind === 'peers' ? say('page.plot-peers') : seriesLabel(name)
  if (summary === null) return label
  const { least, most, mean } = summary
  if (kind === 'reachable') return say('page.plot-share', { name: label, percent: number(mean * 100) })
  return say('page.plot-range', { name: label, least: number(least), most: number(most), mean: number(mean) })
}
