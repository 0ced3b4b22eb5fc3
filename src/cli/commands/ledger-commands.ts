/** `tickerflow ledger …`: the record of the forecasts that were issued. */
import { Command } from 'commander'
import { globalFlags } from '../flags.ts'
import type { End } from './end.ts'

export function ledgerCommand(end: End): Command {
  const show = new Command('show')
    .description('live scores of everything that has issued forecasts')
    .option('--symbol <symbol>', 'only this symbol')
    .action(async (options) => (await import('../ledger.ts')).showPerformance(options))
  const verify = new Command('verify')
    .description('find a line that was edited, inserted or removed')
    .option('--heads <file>', 'chain heads exported earlier: lines cut off since then show too')
    .action(async (options) => end(await (await import('../ledger.ts')).verifyForecasts(options)))
  const heads = new Command('heads')
    .description('export the ends of the chains, to be kept elsewhere')
    .option('--out <file>', 'write them to this file')
    .action(async (options) => (await import('../ledger.ts')).exportHeads(options))
  return new Command('ledger')
    .description('the record of every forecast that was issued')
    .addCommand(globalFlags(show), { isDefault: true })
    .addCommand(globalFlags(verify))
    .addCommand(globalFlags(heads))
}
