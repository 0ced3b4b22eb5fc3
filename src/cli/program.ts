/** All commands, each loaded only when it is called. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { type ErrorCode, isTickerflowError } from '../errors.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { dataFlags, evaluationFlags, globalFlags, modelFlags, numberFlag } from './flags.ts'

/** Runs the command of `argv` (with the interpreter and script first). @returns The exit code. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const outcome = { exitCode: EXIT.done as number }
  try {
    await createProgram((code) => {
      outcome.exitCode = code
    }).parseAsync([...argv])
    return outcome.exitCode
  } catch (error) {
    return reportFailure(error, argv.includes('--json'))
  }
}

type End = (exitCode: number) => void

function createProgram(end: End): Command {
  const root = new Command('tickerflow')
    .description('A stock forecaster from prices to a judged, tracked, registered version.')
    .version(packageVersion())
    .showHelpAfterError('(--help lists the options)')
  for (const command of [
    runCommand(end),
    ingestCommand(),
    checkCommand(end),
    backtestCommand(),
    trainCommand(),
    forecastCommand(),
    runsCommand(),
    modelsCommand(),
    trackingCommand(),
  ]) {
    root.addCommand(command)
  }
  for (const command of [root, ...root.commands, ...root.commands.flatMap((one) => one.commands)]) {
    command.exitOverride()
  }
  return root
}

function runCommand(end: End): Command {
  const command = new Command('run')
    .description('the whole lifecycle: check, train, judge, record, register, gate, forecast')
    .option('--require-promotion', 'exit with 4 unless the gate promotes the new version')
  return modelFlags(evaluationFlags(dataFlags(globalFlags(command)))).action(async (options) =>
    end(await (await import('./run.ts')).run(options)),
  )
}

function ingestCommand(): Command {
  const command = new Command('ingest').description('read, check and store daily prices')
  return dataFlags(globalFlags(command)).action(async (options) =>
    (await import('./ingest.ts')).ingest(options),
  )
}

function checkCommand(end: End): Command {
  const command = new Command('check').description('check daily prices without storing them')
  return dataFlags(globalFlags(command)).action(async (options) =>
    end(await (await import('./check.ts')).check(options)),
  )
}

function backtestCommand(): Command {
  const command = new Command('backtest').description(
    'judge models walk-forward, without registering anything',
  )
  return modelFlags(evaluationFlags(dataFlags(globalFlags(command)))).action(async (options) =>
    (await import('./backtest.ts')).backtest(options),
  )
}

function trainCommand(): Command {
  const command = new Command('train').description(
    'fit the candidate on all data and register it in Development, without judging it',
  )
  return modelFlags(dataFlags(globalFlags(command))).action(async (options) =>
    (await import('./train.ts')).train(options),
  )
}

function forecastCommand(): Command {
  const command = new Command('forecast')
    .description('forecast the next sessions with what is in Production')
    .option('--model-version <number>', 'a version instead of the one in Production', numberFlag)
  return dataFlags(globalFlags(command)).action(async (options) =>
    (await import('./forecast.ts')).forecast(options),
  )
}

function runsCommand(): Command {
  const runs = new Command('runs').description('recorded runs')
  const list = new Command('list')
    .description('the newest runs')
    .option('--limit <number>', 'at most so many', numberFlag, 20)
    .action(async (options) => (await import('./runs.ts')).listRuns(options))
  const show = new Command('show')
    .description('one run with its parameters, metrics and artifacts')
    .argument('<id>', 'id of the run, or its beginning')
    .action(async (id, options) => (await import('./runs.ts')).showRun(id, options))
  return runs.addCommand(globalFlags(list), { isDefault: true }).addCommand(globalFlags(show))
}

function modelsCommand(): Command {
  const models = new Command('models').description('registered models and their versions')
  const list = new Command('list')
    .description('models with their versions and environments')
    .action(async (options) => (await import('./models.ts')).listModels(options))
  const show = new Command('show')
    .description('one model: versions, what is live, how it came to be')
    .argument('<name>', 'registered model, such as aapl-forecaster')
    .action(async (name, options) => (await import('./models.ts')).showModel(name, options))
  return models.addCommand(globalFlags(list), { isDefault: true }).addCommand(globalFlags(show))
}

function trackingCommand(): Command {
  const serve = new Command('serve')
    .description("serve the store to MLflow clients, over MLflow's own API")
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes any free one', numberFlag, 5000)
    .option('--key-file <file>', 'file with the key that clients need; a must beyond this machine')
    .option('--allowed-host <name...>', 'further names that clients may use for this server')
    .action(async (options) => (await import('./tracking.ts')).serveTracking(options))
  return new Command('tracking')
    .description('the tracking store as a server')
    .addCommand(globalFlags(serve))
}

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')).version
}

/** With `--json` the failure is the one document on stdout; the words go to stderr in any case. */
function reportFailure(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) return reportUsage(error, json)
  const known = isTickerflowError(error)
  const code = known ? error.code : 'UNEXPECTED'
  const message = error instanceof Error ? error.message : String(error)
  const details = known ? error.details : {}
  if (json) answerFailure({ code, message, details })
  const trace = known || !(error instanceof Error) ? message : (error.stack ?? message)
  process.stderr.write(`\nError (${code}): ${trace}\n`)
  return exitCodeOf(error)
}

/** The parser has said it in words already, or printed the help that was asked for. */
function reportUsage(error: CommanderError, json: boolean): number {
  if (error.exitCode === 0) return EXIT.done
  const message = error.message.replace(/^error: /, '')
  if (json) answerFailure({ code: 'CONFIG_INVALID', message, details: { usage: error.code } })
  return EXIT.usage
}

interface Failure {
  readonly code: ErrorCode | 'UNEXPECTED'
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
}

function answerFailure(error: Failure): void {
  process.stdout.write(`${JSON.stringify({ error }, undefined, 2)}\n`)
}
