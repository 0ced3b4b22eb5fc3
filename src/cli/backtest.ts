/** `tickerflow backtest`: judges models walk-forward, registering nothing. */

import { type BacktestDocument, backtestDocument } from '../pipeline/backtest-document.ts'
import { configuredModels } from '../pipeline/configured-models.ts'
import { evaluate, spokenFolds } from '../pipeline/evaluate.ts'
import { askedSpan } from '../pipeline/evaluation-span.ts'
import { rowsOf } from '../pipeline/fits/fit-message.ts'
import { buildCheckedFrames } from '../pipeline/frames.ts'
import { backtestScope, ingestPanel } from '../pipeline/preparation.ts'
import { recordTrials } from '../pipeline/trials.ts'
import { colours } from './colours.ts'
import { withContext } from './context.ts'
import { assertOneHorizon, configOf, type ModelOptions } from './flags.ts'
import { scoreTable } from './score-words.ts'
import { seconds } from './words.ts'

export async function backtest(options: ModelOptions): Promise<void> {
  assertOneHorizon(options)
  await withContext(options, configOf(options), async (context) => {
    const { app, progress, signal } = context
    const { config, symbols } = backtestScope(context.config, options.symbol !== undefined)
    const models = configuredModels(config)
    askedSpan(config.evaluation)
    const startedMs = app.stopwatch()
    const panel = await progress.step('Read and check prices', (report) =>
      ingestPanel(app, { config, csv: options.csv, progress, signal, report }),
    )
    const frames = await progress.step('Build features and look for leaks', async () =>
      buildCheckedFrames(panel.map(({ bars }) => bars)),
    )
    const bars = panel.map((checked) => rowsOf(checked.bars))
    const evaluation = await progress.step('Judge walk-forward', (report) =>
      evaluate(app, { config, frames, symbols, models, bars, report, signal }),
    )
    const { candidate } = config
    const selections = recordTrials(app, { config, panel, models, evaluation, candidate })
    const durationMs = Math.round(app.stopwatch() - startedMs)
    const document = backtestDocument({ config, panel, evaluation, selections, durationMs })
    context.answer(document, () => backtestWords(document))
  })
}

function backtestWords(document: BacktestDocument): string {
  const perSymbol = Object.entries(document.symbols).map(([symbol, one]) =>
    [
      '',
      colours.bold(
        `${symbol}: ${one.days} test days, ${one.from} to ${one.to}, ${spokenFolds(document.folds)}`,
      ),
      scoreTable(one.scores, one.tests),
    ].join('\n'),
  )
  const pooled = Object.keys(document.symbols).length < 2 ? [] : [pooledWords(document)]
  const notes = document.skipped.map((note) => colours.dim(`Left out: ${note}`))
  const took = colours.dim(`Took ${seconds(document.durationMs)}.`)
  return [...perSymbol, ...pooled, ...notes, took].join('\n')
}

function pooledWords({ scores, tests }: BacktestDocument): string {
  const title = colours.bold(
    'All symbols together (means over symbols; tests on daily mean losses)',
  )
  return `\n${title}\n${scoreTable(scores, tests)}`
}
