/** `tickerflow tracking …`: the tracking store. */
import { Command } from 'commander'
import { globalFlags, numberFlag } from '../flags.ts'

export function trackingCommand(): Command {
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
  return new Command('tracking')
    .description('the tracking store: serve it, send it, move it')
    .addCommand(globalFlags(serve))
    .addCommand(globalFlags(sync))
}
