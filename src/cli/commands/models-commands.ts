/** `tickerflow models …`: registered models, their versions, and how these come to be live. */
import { Command, Option } from 'commander'
import { globalFlags, numberFlag } from '../flags.ts'
import type { End } from './end.ts'
import { modelCardCommand } from './model-card-command.ts'

const MODEL = 'registered model, such as aapl-forecaster'

export function modelsCommand(end: End): Command {
  const models = new Command('models').description('registered models and their versions')
  models.addCommand(globalFlags(listCommand()), { isDefault: true })
  const others = [
    showCommand(),
    ...[promoteCommand(end), requestsCommand(), approveCommand(), rejectCommand()],
    ...[rollbackCommand(), historyCommand(), diffCommand()],
    modelCardCommand(),
  ]
  for (const command of others) models.addCommand(globalFlags(command))
  return models
}

function listCommand(): Command {
  return new Command('list')
    .description('models with their versions and environments')
    .action(async (options) => (await import('../models.ts')).listModels(options))
}

function showCommand(): Command {
  return new Command('show')
    .description('one model: versions, what is live, how it came to be')
    .argument('<name>', MODEL)
    .action(async (name, options) => (await import('../models.ts')).showModel(name, options))
}

function promoteCommand(end: End): Command {
  return asFlag(new Command('promote'))
    .description('put a version to the gate, on the evidence of its run')
    .argument('<name>', MODEL)
    .argument('<version>', 'number of the version', numberFlag)
    .addOption(environmentOption('--to <environment>', 'how far'))
    .option('--override', 'promote it whatever the gate says; needs --reason')
    .option('--reason <text>', 'why, for the record')
    .option('--require-promotion', 'exit with 4 when the gate refuses')
    .action(async (name, version, options) =>
      end(await (await import('../models-promotion.ts')).promote(name, version, options)),
    )
}

function requestsCommand(): Command {
  return new Command('requests')
    .description('promotions that await an approval')
    .action(async (options) => (await import('../models-promotion.ts')).requests(options))
}

function approveCommand(): Command {
  return asFlag(new Command('approve'))
    .description('approve a promotion that awaits it, and make the version live')
    .argument('<request>', 'id of the request or its beginning, or the model')
    .action(async (which, options) =>
      (await import('../models-promotion.ts')).approve(which, options),
    )
}

function rejectCommand(): Command {
  return asFlag(new Command('reject'))
    .description('end a promotion that awaits an approval')
    .argument('<request>', 'id of the request or its beginning, or the model')
    .option('--reason <text>', 'why, for the record')
    .action(async (which, options) =>
      (await import('../models-promotion.ts')).reject(which, options),
    )
}

function rollbackCommand(): Command {
  return asFlag(new Command('rollback'))
    .description('make the version live again that was live before')
    .argument('<name>', MODEL)
    .option('--to <version>', 'another version that was live before', numberFlag)
    .addOption(environmentOption('--environment <environment>', 'where'))
    .option('--reason <text>', 'why, for the record')
    .action(async (name, options) =>
      (await import('../models-promotion.ts')).rollback(name, options),
    )
}

function historyCommand(): Command {
  return new Command('history')
    .description('what was live when, and by whose word')
    .argument('<name>', MODEL)
    .option('--at <instant>', 'what was live then: a date is its midnight UTC')
    .addOption(environmentOption('--environment <environment>', 'where'))
    .action(async (name, options) => (await import('../models-history.ts')).history(name, options))
}

function diffCommand(): Command {
  return new Command('diff')
    .description('what tells two versions apart: recipe, data, scores, claims, files')
    .argument('<name>', MODEL)
    .argument('<a>', 'number of a version', numberFlag)
    .argument('<b>', 'number of another', numberFlag)
    .action(async (name, a, b, options) =>
      (await import('../models-diff.ts')).diff(name, [a, b], options),
    )
}

function asFlag(command: Command): Command {
  return command.option('--as <name>', 'who acts (default: the account that runs the program)')
}

function environmentOption(flags: string, description: string): Option {
  return new Option(flags, `${description} (default: production)`)
    .choices(['staging', 'production'])
    .default('production')
}
