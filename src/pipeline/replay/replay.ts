/** The time machine: the whole operation lived through session by session, under a clock of its own. */
import { join } from 'node:path'
import { buildFeatureFrame } from '../../features/build-frame.ts'
import { lowerBound } from '../../features/windows.ts'
import type { Bars } from '../../market/bars.ts'
import { createCalendar } from '../../market/calendar.ts'
import { sliceBars } from '../../market/create-bars.ts'
import type { TradingCalendar } from '../../market/trading-calendar.ts'
import { dayOfInstant, formatDay } from '../../market/trading-date.ts'
import type { Application } from '../application.ts'
import { assertNotStopped } from '../interruption.ts'
import { ingestBars } from '../market-data.ts'
import { uniqueSymbols } from '../preparation.ts'
import { type Countdown, createCountdown, type Progress, progressBar } from '../progress.ts'
import { openKeptFolds } from './kept-folds.ts'
import { liveRecordOf } from './live-record.ts'
import { createReplayedHistory } from './price-history.ts'
import { createReplayDay, type ReplayDay } from './replay-day.ts'
import { describeReplay, type ReplayDocument } from './replay-document.ts'
import { writeReplayFiles } from './replay-files.ts'
import { type ReplayRequest, replayDigest } from './replay-plan.ts'
import { openReplayStore, type ReplayStore } from './replay-store.ts'
import { createCountedIds, createSimulatedClock, type OpenSimulated } from './simulation.ts'

export interface ReplayOptions {
  readonly open: OpenSimulated
  readonly progress: Progress
  readonly signal?: AbortSignal | undefined
}

/** Sessions between two checkpoints, at most. */
const CHECKPOINT_SESSIONS = 21
/** After the close: when the day's prices are taken to be known. */
const AFTER_CLOSE_MS = 30 * 60_000

/**
 * Replays a span of sessions in a store of its own below `replays/` of the application's store.
 *
 * One that was stopped, in whatever way, goes on from its last checkpoint and comes to the same end to
 * the bit: ids, times, forecasts and decisions follow from the plan alone.
 *
 * @throws {TickerflowError} INTERRUPTED when stopped; LEAKAGE_FOUND should anything ask for prices that
 *   the clock has not come to; what reading the prices throws.
 */
export async function runReplay(
  app: Application,
  request: ReplayRequest,
  options: ReplayOptions,
): Promise<ReplayDocument> {
  const startedMs = app.stopwatch()
  const { progress, signal } = options
  const bars = await progress.step('Read and check prices', async (report) => {
    const read = await readAll(app, request)
    report(read.map(({ symbol, date }) => `${date.length} bars of ${symbol}`).join(', '))
    return read
  })
  const digest = await replayDigest(request, bars)
  const directory = join(app.directory.root, 'replays', digest.slice(0, 16))
  const store = await openReplayStore(directory)
  const calendar = createCalendar(request.config.calendar, bars[0])
  const sessions = sessionsOf(bars, request)
  const world = await createWorld(app, { request, bars, digest, store, calendar, options })
  try {
    await progress.step('Replay', (report) =>
      liveThrough(world, { sessions, calendar, app, signal, report }),
    )
    return await progress.step('Write the report', async (report) => {
      const records = new Map(
        request.symbols.flatMap((symbol) => {
          const record = liveRecordOf(world.simulated.database, symbol)
          return record === undefined ? [] : [[symbol, record] as const]
        }),
      )
      const end = { request, sessions, digest }
      const { liveByDay, ...described } = describeReplay(world.simulated, end, records)
      const path = await writeReplayFiles({ ...described, liveByDay }, records, directory)
      report(path)
      const durationMs = Math.round(app.stopwatch() - startedMs)
      return { ...described, report: path, resumedAt: world.resumedAt, durationMs }
    })
  } finally {
    await world.simulated.close()
    if (world.isOver()) await store.finish()
  }
}

/** Every price up to the end of the replay, and none after it. */
async function readAll(app: Application, { config, symbols, to }: ReplayRequest): Promise<Bars[]> {
  const panel = uniqueSymbols([...symbols, ...(config.panel ?? [])])
  const read: Bars[] = []
  for (const symbol of panel) {
    const { bars } = await ingestBars(app, { symbol, config })
    read.push(sliceBars(bars, 0, lowerBound(bars.date, to + 1)))
  }
  return read
}

/** Sessions of the first symbol within the span, and the last one before it, when all begins. */
function sessionsOf(bars: readonly Bars[], { from, to }: ReplayRequest): Int32Array {
  const date = bars[0]?.date ?? new Int32Array()
  const first = Math.max(0, lowerBound(date, from) - 1)
  return date.slice(first, lowerBound(date, to + 1))
}

interface World {
  readonly simulated: Application
  readonly day: ReplayDay
  readonly clock: ReturnType<typeof createSimulatedClock>
  readonly ids: ReturnType<typeof createCountedIds>
  readonly store: ReplayStore
  readonly done: number
  readonly resumedAt: string | null
  isOver(): boolean
  end(): void
}

interface WorldParts {
  readonly request: ReplayRequest
  readonly bars: readonly Bars[]
  readonly digest: string
  readonly store: ReplayStore
  readonly calendar: TradingCalendar
  readonly options: ReplayOptions
}

async function createWorld(app: Application, parts: WorldParts): Promise<World> {
  const { request, bars, digest, store, calendar, options } = parts
  const { resumed } = store
  const clock = createSimulatedClock(resumed?.nowMs ?? 0)
  const ids = createCountedIds(digest, resumed?.ids ?? 0)
  const history = createReplayedHistory({ bars, calendar, clock: clock.now })
  const keptFolds = await openKeptFolds(store.directory, app.pool.executeFold)
  const simulated = await options.open(store.directory.root, {
    clock: clock.now,
    newId: ids.next,
    user: 'replay',
    history,
    keptFolds,
    pool: app.pool,
  })
  const day = createReplayDay(simulated, { request, calendar, history, signal: options.signal })
  if (resumed !== undefined)
    day.fitBaselines(resumed.baselinesTo, framesTo(bars, resumed.baselinesTo))
  let over = false
  return {
    simulated,
    day,
    clock,
    ids,
    store,
    done: resumed?.sessions ?? 0,
    resumedAt: resumed === undefined ? null : formatDay(dayOfInstant(resumed.nowMs)),
    isOver: () => over,
    end() {
      over = true
    },
  }
}

function framesTo(bars: readonly Bars[], day: number) {
  return bars.map((one) => buildFeatureFrame(sliceBars(one, 0, lowerBound(one.date, day + 1))))
}

interface Span {
  readonly sessions: Int32Array
  readonly calendar: TradingCalendar
  readonly app: Application
  readonly signal: AbortSignal | undefined
  readonly report: (note: string) => void
}

async function liveThrough(world: World, span: Span): Promise<void> {
  const { sessions, calendar, app, signal, report } = span
  const countdown: Countdown = createCountdown(app.stopwatch)
  const shareOf = workDone(sessions, world.day.isPeriodStart)
  const before = shareOf(world.done)
  let sinceCheckpoint = 0
  for (let i = world.done; i < sessions.length; i++) {
    assertNotStopped(signal)
    const day = sessions[i] as number
    world.clock.moveTo(calendar.closeTime(day) + AFTER_CLOSE_MS)
    const heavy = await world.day.live(day, { isFirst: i === 0, next: sessions[i + 1] })
    sinceCheckpoint++
    if (heavy || sinceCheckpoint >= CHECKPOINT_SESSIONS) {
      await world.store.checkpoint({
        sessions: i + 1,
        nowMs: world.clock.now(),
        ids: world.ids.count(),
        baselinesTo: world.day.baselinesTo(),
      })
      sinceCheckpoint = 0
    }
    const share = shareOf(i + 1)
    report(`${progressBar(share)} ${formatDay(day)}${countdown(share, before)}`)
  }
  world.day.settle()
  world.end()
}

/** What a session with a training costs, in sessions without; the first one has two, and their folds. */
const TRAINING_COST = 40
const FIRST_COST = 160

/** Share of the work that is done after so many sessions. */
function workDone(
  sessions: Int32Array,
  isPeriodStart: (day: number, before: number) => boolean,
): (count: number) => number {
  const sums = new Float64Array(sessions.length + 1)
  for (const [i, day] of sessions.entries()) {
    const trains = i > 0 && isPeriodStart(day, sessions[i - 1] as number)
    sums[i + 1] = (sums[i] as number) + (i === 0 ? FIRST_COST : trains ? TRAINING_COST : 1)
  }
  return (count) => (sums[count] as number) / (sums.at(-1) as number)
}
