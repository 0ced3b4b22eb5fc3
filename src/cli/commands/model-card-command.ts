/** `tickerflow models card`: what is known of a version, on one page. */
import { Command } from 'commander'
import { numberFlag } from '../flags.ts'

export function modelCardCommand(): Command {
  return new Command('card')
    .description('the model card of a version: purpose, data, scores, limits, how to load it')
    .argument('<name>', 'registered model, such as aapl-forecaster')
    .argument('[version]', 'number of the version (default: what is in Production)', numberFlag)
    .action(async (name, version, options) =>
      (await import('../models-card.ts')).showModelCard(name, version, options),
    )
}
