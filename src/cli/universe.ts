/** `tickerflow universe`: many symbols at once. */
import { availableParallelism } from 'node:os'
import { writeFileAtomic } from '../atomic-file.ts'
import { TickerflowError } from '../errors.ts'
import { MODEL_NAMES } from '../forecast/model-catalogue.ts'
import { createCalendar } from '../market/calendar.ts'
import { createUniverseStore, type UniverseSnapshot } from '../market/panel/universe-store.ts'
import type { CalendarKind } from '../market/trading-calendar.ts'
import { forecastUniverse } from '../pipeline/universe/forecast-universe.ts'
import { forecastRow, forecastsCsv } from '../pipeline/universe/forecasts-csv.ts'
import { importUniverse } from '../pipeline/universe/import-universe.ts'
import { createUniversePool } from '../pipeline/universe/universe-pool.ts'
import { type CommandContext, type GlobalOptions, withContext } from './context.ts'
import { percent, table } from './words.ts'

const DEFAULT_NAME = 'main'
const DEFAULT_MEMORY_MEGABYTES = 512

/** Blocked symbols that are named in words; the JSON document has all. */
const NAMED = 10

export interface UniverseOptions extends GlobalOptions {
  readonly name?: string
  readonly threads?: number
  /** Of DuckDB in each thread, megabytes. */
  readonly memory?: number
}

export interface ImportOptions extends UniverseOptions {
  readonly calendar?: CalendarKind
}

export async function importPrices(
  files: readonly string[],
  options: ImportOptions,
): Promise<void> {
  const { calendar: kind = 'nyse', name = DEFAULT_NAME } = options
  if (kind === 'data') {
    throw usage("--calendar data is of one symbol's own dates: expected nyse or weekdays")
  }
  await withContext(options, {}, async (context) => {
    const { app, progress, signal, answer } = context
    const imported = await progress.step(`Read, check and keep ${name}`, (report) =>
      importUniverse({
        ...{ store: storeOf(context, options), name, files, signal },
        calendar: createCalendar(kind),
        now: app.clock(),
        database: databaseOf(context, options),
        onProgress: (symbols) => report(`${symbols} symbols`),
      }),
    )
    const { snapshot, blocked, warnings } = imported
    answer({ ...snapshot, blocked, warnings }, () =>
      [
        snapshotWords(snapshot),
        ...(warnings === 0 ? [] : [`${warnings} warnings of the data checks.`]),
        ...(blocked.length === 0 ? [] : [`${blocked.length} symbols stay out:`]),
        ...blocked
          .slice(0, NAMED)
          .map(({ symbol, findings }) => `  ${symbol}: ${findings[0]?.message}`),
        ...(blocked.length > NAMED ? [`  and ${blocked.length - NAMED} more: --json`] : []),
      ].join('\n'),
    )
  })
}

export async function listUniverses(options: GlobalOptions): Promise<void> {
  await withContext(options, {}, async (context) => {
    const store = storeOf(context, options)
    const snapshots: UniverseSnapshot[] = []
    for (const name of await store.names()) {
      const snapshot = await store.current(name)
      if (snapshot !== undefined) snapshots.push(snapshot)
    }
    context.answer(
      snapshots.map(({ parts, ...snapshot }) => ({ ...snapshot, parts: parts.length })),
      () =>
        snapshots.map(snapshotWords).join('\n') || 'No universe yet: tickerflow universe import.',
    )
  })
}

export interface UniverseForecastOptions extends UniverseOptions {
  readonly model?: string
  readonly horizon?: number
  readonly seed?: number
  readonly out?: string
}

export async function forecastSymbols(options: UniverseForecastOptions): Promise<void> {
  const { name = DEFAULT_NAME, model = 'ewma', horizon = 1, seed = 7, out } = options
  if (!MODEL_NAMES.includes(model)) {
    throw usage(`--model '${model}' is unknown: expected ${MODEL_NAMES.join(', ')}`)
  }
  if (horizon < 1) throw usage(`--horizon ${horizon}: expected a number of sessions, 1 or more`)
  await withContext(options, {}, async (context) => {
    const { app, progress, signal, answer } = context
    const store = storeOf(context, options)
    const snapshot = await currentOf(store, name)
    const threads = options.threads || availableParallelism()
    const pool = createUniversePool(threads)
    const result = await progress
      .step(`Forecast ${snapshot.symbols} symbols by ${model}`, (report) =>
        forecastUniverse({
          ...{ store, pool, snapshot, seed, signal },
          model: { kind: 'fit-each', spec: { name: model }, horizon },
          database: { ...databaseOf(context, options), threads: 1 },
          onProgress: (symbols) => report(`${symbols} of ${snapshot.symbols}`),
        }),
      )
      .finally(() => pool.close())
    const rows = result.forecasts.map((forecast) => forecastRow(forecast, snapshot.last))
    if (out !== undefined) {
      const text = forecastsCsv(rows)
      await writeFileAtomic(out, text, { temporaryDirectory: app.directory.tmp })
    }
    const usable = rows.filter((row) => row.usable).length
    const { digest, symbols, last } = snapshot
    const document = { name, digest, model, horizon, last, symbols, usable }
    answer(
      {
        ...document,
        skipped: result.skipped,
        ...(out === undefined ? { forecasts: rows } : { out }),
      },
      () =>
        [
          ...(out === undefined ? [forecastTable(rows)] : [`Wrote ${out}`]),
          `${rows.length} forecasts by ${model}, ${usable} usable; ${result.skipped.length} symbols skipped.`,
        ].join('\n'),
    )
  })
}

/** Rows that are shown in words; the file and the JSON document have all. */
const SHOWN = 20

function forecastTable(rows: readonly ReturnType<typeof forecastRow>[]): string {
  const shown = rows
    .slice(0, SHOWN)
    .map((row) => [
      row.symbol,
      row.asOf,
      row.referenceClose.toFixed(2),
      row.median.toFixed(2),
      `${row.lower95.toFixed(2)} to ${row.upper95.toFixed(2)}`,
      percent(row.probabilityUp),
    ])
  const more =
    rows.length > SHOWN ? [`… and ${rows.length - SHOWN} more: --out FILE or --json`] : []
  return [table(['symbol', 'as of', 'close', 'median', '95 %', 'rises'], shown), ...more].join('\n')
}

function storeOf({ app }: CommandContext, options: UniverseOptions) {
  return createUniverseStore({
    directory: app.directory.universes,
    temporaryDirectory: app.directory.tmp,
    clock: app.clock,
    memoryMegabytes: options.memory ?? DEFAULT_MEMORY_MEGABYTES,
  })
}

function databaseOf({ app }: CommandContext, options: UniverseOptions) {
  const memoryMegabytes = options.memory ?? DEFAULT_MEMORY_MEGABYTES
  return { memoryMegabytes, temporaryDirectory: app.directory.tmp }
}

async function currentOf(
  store: ReturnType<typeof createUniverseStore>,
  name: string,
): Promise<UniverseSnapshot> {
  const snapshot = await store.current(name)
  if (snapshot !== undefined) return snapshot
  const known = (await store.names()).join(', ') || 'none'
  throw new TickerflowError(
    'NOT_FOUND',
    `There is no universe '${name}'; the store has: ${known}. Import its prices: tickerflow universe import FILES --name ${name}.`,
    { details: { name } },
  )
}

function snapshotWords(snapshot: UniverseSnapshot): string {
  const { name, symbols, rows, first, last, parts, digest } = snapshot
  const megabytes = parts.reduce((total, { bytes }) => total + bytes, 0) / 1e6
  return `${name}: ${symbols} symbols, ${rows} bars, ${first} to ${last}, ${megabytes.toFixed(1)} MB, digest ${digest.slice(0, 12)}`
}

function usage(message: string): TickerflowError {
  return new TickerflowError('CONFIG_INVALID', `${message}.`)
}
