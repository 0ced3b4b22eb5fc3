/** `tickerflow monitor`. */
import { Command } from 'commander'
import { dataFlags, globalFlags } from '../flags.ts'

export function monitorCommand(): Command {
  const command = new Command('monitor').description(
    'settle outcomes and judge the live forecasts of a symbol',
  )
  return dataFlags(globalFlags(command)).action(async (options) =>
    (await import('../monitor.ts')).monitor(options),
  )
}
