/** `tickerflow train`: fits the candidate on all data and registers it in Development. */
import { trainCandidate } from '../pipeline/train-candidate.ts'
import { withContext } from './context.ts'
import { configOf, type ModelOptions } from './flags.ts'

export async function train(options: ModelOptions): Promise<void> {
  await withContext(
    options,
    configOf(options),
    async ({ app, config, progress, signal, answer }) => {
      const document = await trainCandidate(app, { config, csv: options.csv, progress, signal })
      const { version, run, trainedTo } = document
      answer(document, () =>
        [
          `${version.name} version ${version.version} is in ${version.environment}, trained to ${trainedTo}.`,
          `Run ${run.id} in experiment ${run.experiment}. It has not been judged: tickerflow run does.`,
        ].join('\n'),
      )
    },
  )
}
