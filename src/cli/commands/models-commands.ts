/** `tickerflow models …`: registered models and their versions. */
import { Command } from 'commander'
import { globalFlags } from '../flags.ts'

export function modelsCommand(): Command {
  const models = new Command('models').description('registered models and their versions')
  const list = new Command('list')
    .description('models with their versions and environments')
    .action(async (options) => (await import('../models.ts')).listModels(options))
  const show = new Command('show')
    .description('one model: versions, what is live, how it came to be')
    .argument('<name>', 'registered model, such as aapl-forecaster')
    .action(async (name, options) => (await import('../models.ts')).showModel(name, options))
  return models.addCommand(globalFlags(list), { isDefault: true }).addCommand(globalFlags(show))
}
