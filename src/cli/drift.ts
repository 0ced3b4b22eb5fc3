/** `tickerflow drift`: has what a version reads moved away from what it was trained on? */
import { TickerflowError } from '../errors.ts'
import { parseSymbol } from '../market/symbol.ts'
import type { DriftReport } from '../monitoring/drift/measure-drift.ts'
import type { DriftVerdict } from '../monitoring/monitoring-report.ts'
import { inspectBars, NO_ROWS_TO_FIT_ON } from '../pipeline/market-data.ts'
import { lookAtDrift } from '../pipeline/monitor/drift-look.ts'
import { forecasterName } from '../registry/forecaster-name.ts'
import { liveVersion } from '../registry/promotion-journal.ts'
import { colours } from './colours.ts'
import { withContext } from './context.ts'
import { configOf, type DataOptions } from './flags.ts'
import { table } from './words.ts'

export interface DriftOptions extends DataOptions {
  /** Sessions. */
  readonly window?: number
  /** Version; left out, the one in Production. */
  readonly modelVersion?: number
}

/** Fewer sessions are no distribution. */
const LEAST_WINDOW = 10

export async function drift(options: DriftOptions): Promise<void> {
  const { window } = options
  if (window !== undefined && window < LEAST_WINDOW) {
    const message = `--window ${window}: expected ${LEAST_WINDOW} sessions or more.`
    throw new TickerflowError('CONFIG_INVALID', message)
  }
  await withContext(options, configOf(options), async ({ app, config, answer }) => {
    const symbol = parseSymbol(config.symbol)
    const model = forecasterName(symbol)
    const version =
      options.modelVersion ?? liveVersion(app.database, { model, environment: 'production' })
    if (version === undefined) {
      const message = `No version of ${model} is in Production. Name one: --model-version N.`
      throw new TickerflowError('NOT_FOUND', message, { details: { model } })
    }
    const { bars } = await inspectBars(app, { symbol, config, limits: NO_ROWS_TO_FIT_ON })
    const look = await lookAtDrift(app, { symbol, bars, model, version, window })
    const columns = look.report?.columns ?? []
    answer({ symbol, model, version, ...look.verdict, columns }, () =>
      [
        `${model} version ${version}: ${driftWords(look.verdict)}`,
        ...(look.report === undefined ? [] : [columnTable(look.report)]),
      ].join('\n'),
    )
  })
}

/** `drift since 2013-02-01: …` or `stable over the last 60 sessions`. */
export function driftWords({ verdict, reasons, window, since }: DriftVerdict): string {
  const because = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`
  if (verdict === 'unknown') return `drift is unknown${because}.`
  if (verdict === 'stable') return `no drift over the last ${window} sessions${because}.`
  return colours.red(`drift${since == null ? '' : ` since ${since}`}${because}.`)
}

function columnTable({ columns }: DriftReport): string {
  const largestFirst = columns.toSorted(
    (a, b) => b.distance / b.threshold - a.distance / a.threshold,
  )
  return table(
    ['column', 'distance', 'threshold', 'share of it', 'mean moved by', 'KS', 'JS', 'PSI'],
    largestFirst.map((column) => [
      column.name,
      `${column.distance.toFixed(2)} sd`,
      `${column.threshold.toFixed(2)} sd`,
      (column.distance / column.threshold).toFixed(2),
      `${column.shift.toFixed(2)} sd`,
      column.kolmogorovSmirnov.toFixed(3),
      column.jensenShannon.toFixed(3),
      column.populationStability.toFixed(2),
    ]),
  )
}
