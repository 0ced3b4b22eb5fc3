/** The life of a forecaster as commands: prices in, judged and registered versions out. */
import { Command, Option } from 'commander'
import {
  dataFlags,
  evaluationFlags,
  globalFlags,
  listFlag,
  modelFlags,
  numberFlag,
} from '../flags.ts'
import type { End } from './end.ts'

export function lifecycleCommands(end: End): Command[] {
  return [
    initCommand(),
    runCommand(end),
    ingestCommand(),
    checkCommand(end),
    backtestCommand(),
    trainCommand(),
    forecastCommand(),
  ]
}

function runCommand(end: End): Command {
  const command = new Command('run')
    .description('the whole lifecycle: check, train, judge, record, register, gate, forecast')
    .option('--require-promotion', 'exit with 4 unless the gate promotes the new version')
  return modelFlags(evaluationFlags(dataFlags(globalFlags(command)))).action(async (options) =>
    end(await (await import('../run.ts')).run(options)),
  )
}

function initCommand(): Command {
  return new Command('init')
    .description('write tickerflow.config.ts for your own symbols, every line explained')
    .option(
      '--symbol <symbols>',
      'one or more, with commas; the first is the one to forecast',
      listFlag,
    )
    .addOption(
      new Option('--source <source>', 'where prices will come from')
        .choices(['yahoo', 'csv'])
        .default('yahoo'),
    )
    .option('--json', 'print one JSON document on stdout, everything else on stderr')
    .action(async (options) => (await import('../init.ts')).init(options))
}

function ingestCommand(): Command {
  const command = new Command('ingest').description('read, check and store daily prices')
  return dataFlags(globalFlags(command)).action(async (options) =>
    (await import('../ingest.ts')).ingest(options),
  )
}

function checkCommand(end: End): Command {
  const command = new Command('check').description('check daily prices without storing them')
  return dataFlags(globalFlags(command))
    .action(async (options) => end(await (await import('../check.ts')).check(options)))
    .addCommand(leakageCommand(end))
}

function leakageCommand(end: End): Command {
  const command = new Command('leakage')
    .description('recompute features and forecasts on other and truncated histories')
    .option('--features <module>', 'further features: the default export of a TypeScript module')
    .option('--cuts <count>', 'days tried for each feature', numberFlag, 12)
    .option('--models <names>', 'models to check, with commas', listFlag)
  return modelFlags(dataFlags(globalFlags(command))).action(async (_, leakage: Command) =>
    // The flags that `check` has too are taken for its own.
    end(await (await import('../check-leakage.ts')).leakage(leakage.optsWithGlobals())),
  )
}

function backtestCommand(): Command {
  const command = new Command('backtest').description(
    'judge models walk-forward, without registering anything',
  )
  return modelFlags(evaluationFlags(dataFlags(globalFlags(command)))).action(async (options) =>
    (await import('../backtest.ts')).backtest(options),
  )
}

function trainCommand(): Command {
  const command = new Command('train').description(
    'fit the candidate on all data and register it in Development, without judging it',
  )
  return modelFlags(dataFlags(globalFlags(command))).action(async (options) =>
    (await import('../train.ts')).train(options),
  )
}

function forecastCommand(): Command {
  const record = new Option(
    '--record',
    "issue the session's forecasts for the ledger, with those of baselines, the version before and Staging's",
  ).conflicts(['csv', 'modelVersion'])
  const command = new Command('forecast')
    .description('forecast the next sessions with what is in Production')
    .addOption(record)
    .option('--model-version <number>', 'a version instead of the one in Production', numberFlag)
    .option('--horizon <sessions>', 'one of the horizons of the version', numberFlag)
  return dataFlags(globalFlags(command)).action(async (options) =>
    (await import('../forecast.ts')).forecast(options),
  )
}
