/** `tickerflow tune`. */
import { Command } from 'commander'
import { dataFlags, evaluationSpanFlags, globalFlags, modelFlags, numberFlag } from '../flags.ts'

export function tuneCommand(): Command {
  const command = new Command('tune')
    .description('search settings of the LSTM on days before the evaluation span')
    .option('--trials <count>', 'settings to try (default: 18)', numberFlag)
    .option('--apply', 'write the best setting to the JSON configuration file')
  return modelFlags(evaluationSpanFlags(dataFlags(globalFlags(command)))).action(async (options) =>
    (await import('../tune.ts')).tune(options),
  )
}
