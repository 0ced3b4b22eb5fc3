/** `tickerflow runs …`: recorded runs. */
import { Command } from 'commander'
import { globalFlags, numberFlag } from '../flags.ts'

export function runsCommand(): Command {
  const runs = new Command('runs').description('recorded runs')
  const list = new Command('list')
    .description('the newest runs')
    .option('--limit <number>', 'at most so many', numberFlag, 20)
    .action(async (options) => (await import('../runs.ts')).listRuns(options))
  const show = new Command('show')
    .description('one run with its parameters, metrics and artifacts')
    .argument('<id>', 'id of the run, or its beginning')
    .action(async (id, options) => (await import('../runs.ts')).showRun(id, options))
  return runs.addCommand(globalFlags(list), { isDefault: true }).addCommand(globalFlags(show))
}
