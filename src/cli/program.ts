/** All commands, each loaded only when it is called. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { type ErrorCode, isTickerflowError } from '../errors.ts'
import { alertsCommand } from './commands/alerts-commands.ts'
import { automationCommands } from './commands/automation-commands.ts'
import { backupCommand } from './commands/backup-command.ts'
import type { End } from './commands/end.ts'
import { ledgerCommand } from './commands/ledger-commands.ts'
import { lifecycleCommands } from './commands/lifecycle-commands.ts'
import { modelsCommand } from './commands/models-commands.ts'
import { driftCommand, monitorCommand } from './commands/monitor-command.ts'
import { proofCommands } from './commands/proof-commands.ts'
import { queueCommands } from './commands/queue-commands.ts'
import { runsCommand } from './commands/runs-commands.ts'
import { servingCommands } from './commands/serving-commands.ts'
import { trackingCommand } from './commands/tracking-commands.ts'
import { tuneCommand } from './commands/tune-commands.ts'
import { uiCommand } from './commands/ui-commands.ts'
import { universeCommand } from './commands/universe-commands.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'

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

/** The commands with their flags. @param end Told the exit code of what has more than one way to end well. */
export function createProgram(end: End): Command {
  const root = new Command('tickerflow')
    .description('A stock forecaster from prices to a judged, tracked, registered version.')
    .version(packageVersion())
    .showHelpAfterError('(--help lists the options)')
  for (const command of [
    ...lifecycleCommands(end),
    tuneCommand(),
    ...automationCommands(),
    ledgerCommand(end),
    monitorCommand(),
    driftCommand(),
    alertsCommand(),
    runsCommand(),
    modelsCommand(end),
    ...proofCommands(end),
    trackingCommand(end),
    uiCommand(),
    universeCommand(),
    ...queueCommands(),
    ...servingCommands(),
    backupCommand(end),
  ]) {
    root.addCommand(command)
  }
  for (const command of [root, ...root.commands, ...root.commands.flatMap((one) => one.commands)]) {
    command.exitOverride()
  }
  return root
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
