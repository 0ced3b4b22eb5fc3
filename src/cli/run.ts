/** `tickerflow run`: the whole lifecycle. */

import { runLifecycle } from '../pipeline/lifecycle.ts'
import type { HorizonDocument, RunDocument } from '../pipeline/run-document.ts'
import { colours } from './colours.ts'
import { withContext } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { configOf, type ModelOptions } from './flags.ts'
import { forecastWords } from './forecast-words.ts'
import { scoreTable } from './score-words.ts'
import { seconds } from './words.ts'

export interface RunOptions extends ModelOptions {
  readonly requirePromotion?: boolean
}

/** @returns The exit code: 4 when a promotion was required and did not come about. */
export async function run(options: RunOptions): Promise<number> {
  return await withContext(options, configOf(options), async (context) => {
    const { app, config, progress, signal } = context
    const document = await runLifecycle(app, { config, csv: options.csv, progress, signal })
    context.answer(document, () => runWords(document))
    const unmet = options.requirePromotion && document.gate.decision !== 'promote'
    return unmet ? EXIT.promotionUnmet : EXIT.done
  })
}

function runWords(document: RunDocument): string {
  const {
    data,
    scores,
    tests,
    gate,
    version,
    forecast,
    horizons = [],
    report,
    durationMs,
  } = document
  return [
    '',
    colours.bold(`${document.symbol}: ${data.rows} sessions, ${data.first} to ${data.last}`),
    ...data.findings.map(({ severity, message }) => `  ${severity}: ${message}`),
    '',
    scoreTable(scores, tests),
    colours.dim(
      `Lower CRPS is better; t below −2 is significant. ${scores.naive?.n ?? 0} test days.`,
    ),
    '',
    `${colours.bold(`Gate: ${gate.decision}`)} → ${version.name} version ${version.version} is in ${version.environment}`,
    ...gate.reasons.map((reason) => `  ${reason}`),
    '',
    forecastWords(document, forecast),
    '',
    ...horizons.flatMap((further) => horizonWords(document, further)),
    `Report: ${report}`,
    colours.dim(
      `Took ${seconds(durationMs)}. Run ${document.run.id} in experiment ${document.run.experiment}.`,
    ),
  ].join('\n')
}

function horizonWords(
  document: RunDocument,
  { horizon, gate, forecast }: HorizonDocument,
): string[] {
  const reasons = gate.decision === 'promote' ? [] : gate.reasons
  return [
    colours.bold(`Gate, ${horizon} sessions ahead: ${gate.decision}`),
    ...reasons.map((reason) => `  ${reason}`),
    '',
    forecastWords(document, forecast),
    '',
  ]
}
