/** `tickerflow runs …`: recorded runs. */
import { Command, InvalidArgumentError } from 'commander'
import { globalFlags, numberFlag } from '../flags.ts'

export function runsCommand(): Command {
  return new Command('runs')
    .description('recorded runs')
    .addCommand(globalFlags(listCommand()), { isDefault: true })
    .addCommand(globalFlags(showCommand()))
    .addCommand(globalFlags(compareCommand()))
    .addCommand(globalFlags(exportCommand()))
}

function listCommand(): Command {
  return new Command('list')
    .description('runs, the newest first')
    .option('--limit <number>', 'at most so many', countFlag, 20)
    .option('--experiment <name>', 'of this experiment only')
    .option(
      '--filter <text>',
      "in MLflow's language, such as \"params.model = 'lstm' AND metrics.`lstm.crps` < 0.0124\"",
    )
    .option(
      '--order-by <clause...>',
      'such as "metrics.`lstm.crps` ASC"; the newest first where equal',
    )
    .option('--nested', 'folds and trials too')
    .action(async (options) => (await import('../runs.ts')).listRuns(options))
}

function showCommand(): Command {
  return new Command('show')
    .description('one run with its parameters, metrics and artifacts')
    .argument('<id>', 'id of the run, or its beginning')
    .action(async (id, options) => (await import('../runs.ts')).showRun(id, options))
}

function compareCommand(): Command {
  return new Command('compare')
    .description('runs side by side: parameters that differ, scores')
    .argument('<ids...>', 'ids of two runs or more, or their beginnings')
    .action(async (ids, options) => (await import('../runs-compare.ts')).compareRuns(ids, options))
}

function exportCommand(): Command {
  return new Command('export')
    .description('a run or an experiment as JSON, CSV and files')
    .argument('[id]', 'id of the run, or its beginning; its nested runs come with it')
    .requiredOption('--output <folder>', 'a new or empty folder')
    .option('--experiment <name>', 'every run of an experiment')
    .option('--filter <text>', "of the experiment, in MLflow's language")
    .option('--no-artifacts', 'without the files of the runs')
    .action(async (id, options) => (await import('../runs-export.ts')).exportRuns(id, options))
}

function countFlag(text: string): number {
  const count = numberFlag(text)
  if (count >= 1) return count
  throw new InvalidArgumentError('Expected a whole number from 1.')
}
