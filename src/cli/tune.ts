/** `tickerflow tune`: searches settings of the LSTM, on days before those that it is judged on. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { writeFileAtomic } from '../atomic-file.ts'
import { TickerflowError } from '../errors.ts'
import { tuneModel } from '../pipeline/tuning/tune-model.ts'
import type { TuningDocument } from '../pipeline/tuning/tuning-document.ts'
import { colours } from './colours.ts'
import { withContext } from './context.ts'
import { assertOneHorizon, configOf, type ModelOptions } from './flags.ts'
import { figure, seconds, table } from './words.ts'

export interface TuneOptions extends ModelOptions {
  readonly trials?: number
  readonly apply?: boolean
}

const JSON_CONFIG = 'tickerflow.config.json'
const MODULE_CONFIG = 'tickerflow.config.ts'

export async function tune(options: TuneOptions): Promise<void> {
  assertOneHorizon(options)
  const target = options.apply ? applyTarget(options.config) : undefined
  const flags = configOf(options)
  const { trials } = options
  const withTrials = trials === undefined ? flags : { ...flags, tune: { trials } }
  await withContext(options, withTrials, async ({ app, config, progress, signal, answer }) => {
    const request = { config, csv: options.csv, progress, signal }
    const document = await tuneModel(app, request)
    const improves = document.best !== 0
    if (target !== undefined && improves) await applyTo(target, document, app.directory.tmp)
    const applied = target !== undefined && improves ? target : null
    answer({ ...document, applied }, () => tuneWords(document, applied))
  })
}

/** @throws {TickerflowError} CONFIG_INVALID, before any work, on a file that no program should edit. */
function applyTarget(given: string | undefined): string {
  const found = given ?? (existsSync(MODULE_CONFIG) ? MODULE_CONFIG : JSON_CONFIG)
  if (extname(found) === '.json') return resolve(found)
  throw new TickerflowError(
    'CONFIG_INVALID',
    `--apply writes JSON, and the configuration is the module ${found}. Leave --apply out and copy ` +
      "the suggestion into its 'lstm' section.",
    { details: { path: found } },
  )
}

async function applyTo(path: string, document: TuningDocument, tmp: string): Promise<void> {
  const before = existsSync(path) ? JSON.parse(await readFile(path, 'utf8')) : {}
  const content = `${JSON.stringify({ ...before, ...document.suggestion }, null, 2)}\n`
  await writeFileAtomic(path, content, { temporaryDirectory: tmp })
}

function tuneWords(document: TuningDocument, applied: string | null): string {
  const { symbol, folds, trials, best, dmVsConfigured, suggestion, run, durationMs } = document
  const rows = trials
    .toSorted((a, b) => b.rounds - a.rounds || a.loss - b.loss)
    .map(({ trial, rounds, loss, options }) => [
      trial === 0 ? 'configured' : `trial ${trial}`,
      String(rounds),
      figure(loss, 5),
      JSON.stringify(options),
    ])
  const [last, first] = [folds[0], folds.at(-1)]
  return [
    '',
    colours.bold(`${symbol}: ${trials.length} settings, judged ${first?.from} to ${last?.to}`),
    table(['setting', 'rounds', 'relative CRPS', 'changes'], rows),
    '',
    best === 0
      ? 'No setting beat the configured one.'
      : `Trial ${best} is best (t = ${figure(dmVsConfigured.t, 2)} against the configured one; the best of many looks better than it is). Judge it: tickerflow backtest.`,
    ...(best === 0 ? [] : [`Suggestion: ${JSON.stringify(suggestion)}`]),
    ...(applied === null ? [] : [`Written to ${applied}.`]),
    colours.dim(`Took ${seconds(durationMs)}. Run ${run.id}, a nested run for each setting.`),
  ].join('\n')
}
