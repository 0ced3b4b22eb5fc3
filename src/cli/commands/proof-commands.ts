/** Commands that prove something: a run can be done again, records were not changed, all is in place. */
import { Command } from 'commander'
import { dataFlags, globalFlags, modelFlags, numberFlag } from '../flags.ts'
import type { End } from './end.ts'

export function proofCommands(end: End): Command[] {
  return [reproduceCommand(end), verifyCommand(end), doctorCommand(end)]
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

function doctorCommand(end: End): Command {
  const command = new Command('doctor')
    .description(
      'check Node, kernels, store, prices, clock, MLflow, port and secrets; say what to do',
    )
    .option('--port <number>', 'where serve is to listen (default: 8080)', numberFlag)
  return globalFlags(command).action(async (options) =>
    end(await (await import('../doctor.ts')).doctor(options)),
  )
}
