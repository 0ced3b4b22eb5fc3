/** `tickerflow backup …`: copies of the store. */
import { Command, InvalidArgumentError } from 'commander'
import { globalFlags, numberFlag } from '../flags.ts'
import type { End } from './end.ts'

export function backupCommand(end: End): Command {
  const load = () => import('../backup.ts')
  const create = new Command('create')
    .description('copy the store while it is in use')
    .requiredOption('--to <dir>', 'directory of backups; what it has already is not copied again')
    .option('--keep <count>', 'remove all but the latest', countFlag)
    .action(async (options) => (await load()).create(options))
  const list = fromFlag(new Command('list'))
    .description('the backups of a directory')
    .action(async (options) => (await load()).list(options))
  const verify = backupFlags(new Command('verify'))
    .description('compare every file of a backup with its digest')
    .action(async (options) => end(await (await load()).verify(options)))
  const restore = backupFlags(new Command('restore'))
    .description('bring a backup back into an empty --store')
    .action(async (options) => end(await (await load()).restore(options)))
  const command = new Command('backup').description('copies of the whole store, and back again')
  for (const one of [create, list, verify, restore]) command.addCommand(globalFlags(one))
  return command
}

function fromFlag(command: Command): Command {
  return command.requiredOption('--from <dir>', 'directory of backups')
}

function backupFlags(command: Command): Command {
  return fromFlag(command).option('--id <backup>', 'which one (default: the latest)')
}

function countFlag(text: string): number {
  const count = numberFlag(text)
  if (count > 0) return count
  throw new InvalidArgumentError('Expected a whole number above 0.')
}
