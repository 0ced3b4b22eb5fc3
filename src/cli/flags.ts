/** Flags that several commands share, and how they become configuration. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Config, PartialConfig } from '../config.ts'
import { TickerflowError } from '../errors.ts'
import { REFIT_SCHEDULES, type RefitSchedule } from '../evaluation/folds.ts'
import { CALENDAR_KINDS } from '../market/calendar.ts'
import type { CalendarKind } from '../market/trading-calendar.ts'
import { parseIsoDate } from '../market/trading-date.ts'
import type { GlobalOptions } from './context.ts'

export interface DataOptions extends GlobalOptions {
  readonly symbol?: string
  readonly csv?: string
  readonly source?: 'sample' | 'yahoo'
  readonly panel?: string[]
  readonly calendar?: CalendarKind
  readonly split?: Config['splits']
  readonly accept?: Config['accepted']
}

export interface ModelOptions extends DataOptions {
  /** The first is the one that a version is promoted on. */
  readonly horizon?: readonly number[]
  readonly seed?: number
  readonly seeds?: number
  readonly threads?: number
  readonly from?: string
  readonly to?: string
  readonly refit?: RefitSchedule
  readonly rolling?: number
  readonly embargo?: number
  readonly models?: string[]
}

export function globalFlags(command: Command): Command {
  return command
    .option('--store <dir>', 'where everything is kept (default: .tickerflow)')
    .option('--config <file>', 'configuration file (default: tickerflow.config.ts or .json)')
    .option('--now <instant>', 'take this ISO 8601 instant for the time')
    .option('--json', 'print one JSON document on stdout, everything else on stderr')
}

export function dataFlags(command: Command): Command {
  return command
    .option('--symbol <symbol>', 'ticker symbol (default: AAPL)')
    .option('--csv <file>', 'daily bars of the symbol from a CSV file')
    .addOption(
      new Option(
        '--source <source>',
        'where prices come from (default: the store, then the sample)',
      ).choices(['sample', 'yahoo']),
    )
    .option(
      '--panel <symbols>',
      'symbols that the LSTM learns from too, with commas, or none (default: those of the sample)',
      panelFlag,
    )
    .addOption(
      new Option('--calendar <calendar>', 'trading days (default: nyse)').choices(CALENDAR_KINDS),
    )
    .option(
      '--split <date:ratio>',
      'adjust the CSV for a split, such as 2014-06-09:7; may be repeated',
      splitFlag,
    )
    .option(
      '--accept <check:date>',
      'only warn of a blocking finding on a day, such as closed-day:2012-10-29; may be repeated',
      acceptFlag,
    )
}

export function evaluationSpanFlags(command: Command): Command {
  return command
    .option('--from <date>', 'first test day, YYYY-MM-DD', dateFlag)
    .option('--to <date>', 'last test day, YYYY-MM-DD', dateFlag)
}

export function evaluationFlags(command: Command): Command {
  return evaluationSpanFlags(command)
    .addOption(
      new Option('--refit <schedule>', 'how often models are refitted (default: yearly)').choices(
        REFIT_SCHEDULES,
      ),
    )
    .option('--rolling <sessions>', 'train on the last sessions only, not on all', numberFlag)
    .option('--embargo <sessions>', 'sessions left out before each test span', numberFlag)
    .option('--models <names>', 'models to judge, with commas', listFlag)
}

export function modelFlags(command: Command): Command {
  return command
    .option('--horizon <sessions>', 'sessions ahead (default: 1); more with commas', numbersFlag)
    .option('--seed <number>', 'of all randomness (default: 7)', numberFlag)
    .option('--seeds <count>', 'networks in the LSTM ensemble (default: 3)', numberFlag)
    .option('--threads <count>', 'worker threads (default: one per core)', numberFlag)
}

function numbersFlag(text: string): number[] {
  return text.split(',').map(numberFlag)
}

export function numberFlag(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new InvalidArgumentError('Expected a whole number.')
}

export function dateFlag(text: string): string {
  if (parseIsoDate(text) !== undefined) return text
  throw new InvalidArgumentError('Expected a date, YYYY-MM-DD.')
}

function splitFlag(text: string, before: Config['splits'] = []): Config['splits'] {
  const [date = '', ratio = ''] = text.split(':')
  if (parseIsoDate(date) !== undefined && Number(ratio) > 0) {
    return [...before, { date, ratio: Number(ratio) }]
  }
  throw new InvalidArgumentError('Expected DATE:RATIO, such as 2014-06-09:7.')
}

function acceptFlag(text: string, before: Config['accepted'] = []): Config['accepted'] {
  const [check = '', date = ''] = text.split(':')
  if (parseIsoDate(date) !== undefined) return [...before, { check, date }]
  throw new InvalidArgumentError('Expected CHECK:DATE, such as closed-day:2012-10-29.')
}

function panelFlag(text: string): string[] {
  return text === 'none' ? [] : listFlag(text)
}

export function listFlag(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/**
 * The configuration that the flags give; undefined ones leave the rest of the configuration alone.
 *
 * @throws {TickerflowError} CONFIG_INVALID on a flag that would have no effect.
 */
export function configOf(options: ModelOptions): PartialConfig {
  assertSplitsApply(options)
  const { split: splits, accept: accepted } = options
  const { symbol, source, panel, calendar, seed, seeds, threads, models } = options
  // The flag names all horizons: those of the configuration file are gone with it.
  const [horizon, ...furtherHorizons] = options.horizon ?? []
  const { from, to, refit, rolling: rollingSessions, embargo: embargoSessions } = options
  return defined({
    symbol,
    source,
    panel,
    calendar,
    splits,
    accepted,
    horizon,
    furtherHorizons: horizon === undefined ? undefined : furtherHorizons,
    seed,
    threads,
    models,
    evaluation: defined({ from, to, refit, rollingSessions, embargoSessions }),
    lstm: defined({ seeds }),
  })
}

/** @throws {TickerflowError} CONFIG_INVALID on several horizons, for what works on one. */
export function assertOneHorizon({ horizon = [] }: Pick<ModelOptions, 'horizon'>): void {
  if (horizon.length <= 1) return
  throw new TickerflowError(
    'CONFIG_INVALID',
    `--horizon ${horizon.join(',')} names ${horizon.length} horizons, and this command works on one: ` +
      'call it once for each. `tickerflow run` and `tickerflow train` take several.',
  )
}

function assertSplitsApply({ split, csv }: ModelOptions): void {
  if (split === undefined || csv !== undefined) return
  throw new TickerflowError(
    'CONFIG_INVALID',
    '--split adjusts the prices of a file, and none was given: add --csv FILE, or leave --split ' +
      'out. What the sample and Yahoo give is adjusted for splits already.',
  )
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function defined<T extends object>(record: T): Defined<T> {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Defined<T>
}
