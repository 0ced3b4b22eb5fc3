/** `tickerflow tracking …`: the tracking store. */
import { Command } from 'commander'
import { globalFlags, numberFlag } from '../flags.ts'
import type { End } from './end.ts'

export function trackingCommand(end: End): Command {
  const serve = new Command('serve')
    .description("serve the store to MLflow clients, over MLflow's own API")
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes any free one', numberFlag, 5000)
    .option('--key-file <file>', 'file with the key that clients need; a must beyond this machine')
    .option('--allowed-host <name...>', 'further names that clients may use for this server')
    .action(async (options) => (await import('../tracking.ts')).serveTracking(options))
  const sync = new Command('sync')
    .description('send the tracking server what it does not have yet')
    .action(async (options) => (await import('../tracking-sync.ts')).syncTracking(options))
  const migrate = new Command('migrate')
    .description('copy everything in the store to a tracking server, and verify the copy')
    .requiredOption('--to <uri>', 'address of the server; MLFLOW_TRACKING_TOKEN and so on count')
    .action(async (options) =>
      end(await (await import('../tracking-migrate.ts')).migrateTracking(options)),
    )
  return new Command('tracking')
    .description('the tracking store: serve it, send it, move it')
    .addCommand(globalFlags(serve))
    .addCommand(globalFlags(sync))
    .addCommand(globalFlags(migrate))
}
