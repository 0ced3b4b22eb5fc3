/** `tickerflow reproduce`: does a run again and says whether the same came out, to the last bit. */
import { reproduceRun } from '../pipeline/reproduce.ts'
import { type Comparison, isSame, type Reproduction } from '../pipeline/reproduction.ts'
import { colours } from './colours.ts'
import { withContext } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { configOf, type ModelOptions } from './flags.ts'
import { findRun } from './runs-search.ts'
import { seconds, table } from './words.ts'

export interface ReproduceOptions extends ModelOptions {
  readonly configured?: boolean
}

/** @returns The exit code: 1 when something else came out. */
export async function reproduce(prefix: string, options: ReproduceOptions): Promise<number> {
  return await withContext(options, configOf(options), async (context) => {
    const { app, config, progress, signal, answer } = context
    const startedMs = app.stopwatch()
    const { id: runId } = await findRun(app.tracking, prefix)
    const { csv, configured = false } = options
    const request = { runId, config, csv, configured, progress, signal }
    const reproduction = await reproduceRun(app, request)
    const durationMs = Math.round(app.stopwatch() - startedMs)
    answer({ ...reproduction, durationMs }, () =>
      [reproductionWords(reproduction), colours.dim(`Took ${seconds(durationMs)}.`)].join('\n'),
    )
    return reproduction.identical ? EXIT.done : EXIT.fault
  })
}

function reproductionWords(reproduction: Reproduction): string {
  const { run, model, identical, firstDifference, comparisons } = reproduction
  const what = `${model} of run ${run.slice(0, 8)}`
  const verdict = identical
    ? colours.green(`${what}: identical, to the last bit`)
    : colours.red(`${what}: not the same`)
  const first = firstDifference === null ? [] : ['', ...differenceWords(firstDifference)]
  const rows = comparisons
    .filter((one) => one.step !== 'config' || !isSame(one))
    .map((one) => [
      ...[one.step, one.subject, isSame(one) ? 'same' : 'different'],
      ...[shortened(one.recorded), shortened(one.now)],
    ])
  return [
    colours.bold(verdict),
    ...first,
    '',
    table(['step', 'of', '', 'recorded', 'now'], rows),
  ].join('\n')
}

function differenceWords({ step, subject, recorded, now, note }: Comparison): string[] {
  return [
    `The first that differs is ${step}, ${subject}: recorded ${shortened(recorded)}, now ${shortened(now)}`,
    ...(note === undefined ? [] : [`  ${note}`]),
  ]
}

/** Digests are whole in the document only. */
function shortened(value: string | null): string {
  if (value === null) return '–'
  return value.length > 28 ? `${value.slice(0, 19)}…` : value
}
