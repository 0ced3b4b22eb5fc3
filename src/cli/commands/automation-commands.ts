/** What runs by itself: retraining, schedules, and the past lived through once more. */
import { Command, Option } from 'commander'
import { JOB_KINDS } from '../../pipeline/jobs/job-kinds.ts'
import { dataFlags, dateFlag, globalFlags, listFlag, modelFlags, numberFlag } from '../flags.ts'

export function automationCommands(): Command[] {
  return [retrainCommand(), scheduleCommand(), replayCommand()]
}

function retrainCommand(): Command {
  const command = new Command('retrain')
    .description('train a challenger of what is live, shadow it, and put it to the gate')
    .option('--reason <text>', 'why, for the record (default: asked for by hand)')
    .option('--if-due', 'only when the configured triggers ask for it; ends a shadow that is over')
    .option(
      '--shadow <sessions>',
      'sessions in the shadow before the gate (default: 5)',
      numberFlag,
    )
  return modelFlags(dataFlags(globalFlags(command))).action(async (options) =>
    (await import('../retrain.ts')).retrainNow(options),
  )
}

function scheduleCommand(): Command {
  const load = () => import('../schedule.ts')
  const start = new Command('start')
    .description('run the scheduler until Ctrl-C')
    .option('--once', 'do what is due now, and end')
    .action(async (options) => (await load()).start(options))
  const list = new Command('list')
    .description('what is scheduled, and the latest jobs')
    .action(async (options) => (await load()).list(options))
  const runNow = new Command('run-now')
    .description('do one job now, due or not')
    .argument('<job>', `one of ${JOB_KINDS.join(', ')}`)
    .action(async (job, options) => (await load()).runNow(job, options))
  const schedule = new Command('schedule').description(
    'ingest, monitor, retrain and forecast by themselves',
  )
  for (const command of [start, list, runNow]) {
    schedule.addCommand(modelFlags(dataFlags(globalFlags(command))))
  }
  return schedule
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
