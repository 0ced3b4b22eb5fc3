/** Commands that prove something: that a run can be done again, that records were not changed. */
import { Command } from 'commander'
import { dataFlags, globalFlags, modelFlags } from '../flags.ts'
import type { End } from './end.ts'

export function proofCommands(end: End): Command[] {
  return [reproduceCommand(end), verifyCommand(end)]
}

function reproduceCommand(end: End): Command {
  const command = new Command('reproduce')
    .description('do a run again from what it recorded, and compare digests down to the weights')
    .argument('<run>', 'id of the run, or its beginning')
    .option('--configured', 'train with the present configuration and flags, not the recorded ones')
  return modelFlags(dataFlags(globalFlags(command))).action(async (run, options) =>
    end(await (await import('../reproduce.ts')).reproduce(run, options)),
  )
}

function verifyCommand(end: End): Command {
  const command = new Command('verify')
    .description('find lines of the audit log and the ledger that were edited, inserted or removed')
    .option('--heads <file>', 'ends of the records exported earlier: lines cut off since show too')
    .option('--export <file>', 'write the ends of the records to this file, to be kept elsewhere')
  return globalFlags(command).action(async (options) =>
    end(await (await import('../verify.ts')).verify(options)),
  )
}
