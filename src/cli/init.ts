/** `tickerflow init`: a configuration of one's own to begin with, every line explained. */
import { link, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { TickerflowError } from '../errors.ts'
import { parseSymbol } from '../market/symbol.ts'
import { createAnswer, type GlobalOptions } from './context.ts'

export interface InitOptions extends Pick<GlobalOptions, 'json'> {
  readonly symbol?: readonly string[]
  readonly source: 'yahoo' | 'csv'
}

const FILE = 'tickerflow.config.ts'

/** @throws {TickerflowError} ALREADY_EXISTS, and the file stays as it is; SYMBOL_INVALID. */
export async function init({
  symbol = ['AAPL'],
  source,
  json = false,
}: InitOptions): Promise<void> {
  const symbols = symbol.map(parseSymbol)
  const file = resolve(FILE)
  await writeNew(file, configurationText(symbols, source))
  const next = nextCommands(symbols, source)
  createAnswer(json)({ file, symbols, next }, () =>
    [`Wrote ${file}. Next:`, ...next.map((command) => `  ${command}`)].join('\n'),
  )
}

/** Written beside it and then linked to its name, which fails where there is a file of that name. */
async function writeNew(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    await writeFile(temporary, text, { flush: true })
    await link(temporary, file)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause
    throw new TickerflowError(
      'ALREADY_EXISTS',
      `${file} is there already and stays as it is. Change it by hand, or move it away first.`,
      { details: { file }, cause },
    )
  } finally {
    await rm(temporary, { force: true })
  }
}

function nextCommands(symbols: readonly string[], source: InitOptions['source']): string[] {
  const ingest = symbols.map((symbol) =>
    source === 'yahoo'
      ? `tickerflow ingest --symbol ${symbol} --source yahoo`
      : `tickerflow ingest --symbol ${symbol} --csv ${symbol.toLowerCase()}.csv`,
  )
  return ['tickerflow doctor', ...ingest, 'tickerflow run', 'tickerflow serve']
}

function configurationText(symbols: readonly string[], source: InitOptions['source']): string {
  const [first = 'AAPL', ...others] = symbols
  const list = (names: readonly string[]) => `[${names.map((name) => `'${name}'`).join(', ')}]`
  return `// Everything that can be set: docs/reference/configuration.md. What is left out has its default.
// Flags win over the environment, the environment over this file.
export default {
  // The symbol that commands are about without --symbol.
  symbol: '${first}',

  // Symbols that the LSTM learns from besides it: more data, the same model.
  panel: ${list(others)},

  // Where everything is kept. TICKERFLOW_STORE and --store say otherwise.
  store: '.tickerflow',
${
  source === 'yahoo'
    ? `
  // Where prices come from. Left out: what was stored last.
  source: 'yahoo',
`
    : ''
}
  // Sessions ahead, for the version that is promoted.
  horizon: 1,

  // What is judged, on the same days; the candidate becomes a version.
  models: ['naive', 'drift', 'ewma', 'garch', 'har', 'lstm'],
  candidate: 'lstm',

  // Test days of the walk-forward, and how often models are refitted in it.
  evaluation: { refit: 'yearly' },

  // When a challenger is trained: 'monthly', 'quarterly', 'yearly' or 'never', and on drift.
  retrain: { schedule: 'quarterly', onDrift: true },

  // What \`tickerflow schedule start\` does after each close, New York time; null for never.
  schedule: {
    symbols: ${list(symbols)},
    ingest: ${source === 'yahoo' ? "'close+20m'" : 'null'},
    monitor: 'close+25m',
    retrain: 'close+30m',
    forecast: 'close+35m',
  },

  // Who is told when something is wrong. Secrets by the name of their environment variable, such as
  // { kind: 'webhook', format: 'slack', urlVariable: 'SLACK_URL' }.
  alerts: { channels: [{ kind: 'log' }] },
}
`
}
