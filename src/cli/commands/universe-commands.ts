/** `tickerflow universe …`: the prices and forecasts of many symbols at once. */
import { Command, type Command as CommandType, Option } from 'commander'
import { CALENDAR_KINDS } from '../../market/calendar.ts'
import { globalFlags, numberFlag } from '../flags.ts'

export function universeCommand(): CommandType {
  const take = new Command('import')
    .description('check and keep daily prices of many symbols, from CSV or Parquet files')
    .argument('<files...>', 'files or patterns, with a row per symbol and day')
    .addOption(
      new Option('--calendar <calendar>', 'trading days (default: nyse)').choices(CALENDAR_KINDS),
    )
    .action(async (files, options) => (await import('../universe.ts')).importPrices(files, options))
  const list = new Command('list')
    .description('the universes of the store')
    .action(async (options) => (await import('../universe.ts')).listUniverses(options))
  const forecast = new Command('forecast')
    .description('the newest forecast of every symbol')
    .option('--model <name>', 'model that is fitted on each symbol (default: ewma)')
    .option('--horizon <sessions>', 'sessions ahead (default: 1)', numberFlag)
    .option('--seed <number>', 'of all randomness (default: 7)', numberFlag)
    .option('--out <file>', 'write the forecasts to this CSV file')
    .action(async (options) => (await import('../universe.ts')).forecastSymbols(options))
  return new Command('universe')
    .description('prices and forecasts of many symbols at once, kept as Parquet')
    .addCommand(universeFlags(take))
    .addCommand(globalFlags(list))
    .addCommand(universeFlags(forecast))
}

function universeFlags(command: Command): Command {
  return globalFlags(command)
    .option('--name <name>', 'of the universe (default: main)')
    .option('--threads <count>', 'worker threads (default: one per core)', numberFlag)
    .option('--memory <megabytes>', 'for DuckDB in each thread (default: 512)', numberFlag)
}
