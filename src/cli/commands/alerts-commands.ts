/** `tickerflow alerts …`: what people should know. */
import { Command } from 'commander'
import { globalFlags } from '../flags.ts'

export function alertsCommand(): Command {
  const list = new Command('list')
    .description('open alerts, and what channels have not taken yet')
    .option('--all', 'also those that are over')
    .action(async (options) => (await import('../alerts.ts')).list(options))
  const acknowledge = new Command('acknowledge')
    .description('say that somebody is at it: no more reminders')
    .argument('<id>', 'of the alert, or how it begins')
    .action(async (id, options) => (await import('../alerts.ts')).acknowledge(id, options))
  const test = new Command('test')
    .description('send a test to the channels; nothing is recorded')
    .option('--channel <name>', 'only this one')
    .action(async (options) => (await import('../alerts.ts')).test(options))
  return new Command('alerts')
    .description('what the monitor and the scheduler have found that people should know')
    .addCommand(globalFlags(list), { isDefault: true })
    .addCommand(globalFlags(acknowledge))
    .addCommand(globalFlags(test))
}
