/** What runs by itself: retraining, schedules, and the past lived through once more. */
import { Command, Option } from 'commander'
import { dataFlags, dateFlag, globalFlags, listFlag, modelFlags, numberFlag } from '../flags.ts'

export function automationCommands(): Command[] {
  return [replayCommand()]
}

function replayCommand(): Command {
  const command = new Command('replay')
    .description('live through past sessions: ingest, monitor, retrain, gate, approve, serve')
    .requiredOption('--from <date>', 'first session, YYYY-MM-DD', dateFlag)
    .requiredOption('--to <date>', 'last session, YYYY-MM-DD', dateFlag)
    .option('--symbols <symbols>', 'with commas (default: those of the sample)', listFlag)
    .option('--models <names>', 'models to judge, with commas', listFlag)
    .addOption(
      new Option('--retrain <schedule>', 'how often (default: quarterly)').choices([
        'monthly',
        'quarterly',
        'yearly',
        'never',
      ]),
    )
    .option(
      '--shadow <sessions>',
      'sessions in the shadow before the gate (default: 5)',
      numberFlag,
    )
    .option('--approvals <file>', 'what people decide and when, as JSON (default: approve at once)')
  return modelFlags(dataFlags(globalFlags(command))).action(async (options) =>
    (await import('../replay.ts')).replay(options),
  )
}
