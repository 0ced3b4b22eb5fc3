/** `tickerflow monitor` and `tickerflow drift`. */
import { Command } from 'commander'
import { dataFlags, globalFlags, numberFlag } from '../flags.ts'

export function monitorCommand(): Command {
  const command = new Command('monitor').description(
    'settle outcomes and judge the live forecasts of a symbol',
  )
  return dataFlags(globalFlags(command)).action(async (options) =>
    (await import('../monitor.ts')).monitor(options),
  )
}

export function driftCommand(): Command {
  const command = new Command('drift')
    .description('compare recent prices with those that a version was trained on')
    .option('--window <sessions>', 'last sessions to judge (default: 60)', numberFlag)
    .option('--model-version <number>', 'version (default: the one in Production)', numberFlag)
  return dataFlags(globalFlags(command)).action(async (options) =>
    (await import('../drift.ts')).drift(options),
  )
}
