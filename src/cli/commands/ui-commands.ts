/** `tickerflow ui`: MLflow's own UI. */
import { Command, InvalidArgumentError } from 'commander'
import { globalFlags, numberFlag } from '../flags.ts'

export function uiCommand(): Command {
  const command = new Command('ui')
    .description("MLflow's own UI on a copy of the store, where mlflow or uvx is installed")
    .option('--port <number>', 'port of this machine to listen on', portFlag, 5001)
    .option('--mlflow <file>', 'the mlflow program to use (default: mlflow or uvx on PATH)')
    .action(async (options) => (await import('../ui.ts')).serveUi(options))
  return globalFlags(command)
}

function portFlag(text: string): number {
  const port = numberFlag(text)
  if (port >= 1 && port <= 65_535) return port
  throw new InvalidArgumentError('Expected a port, 1 to 65535.')
}
