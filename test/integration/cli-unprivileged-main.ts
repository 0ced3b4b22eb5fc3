/**
 * The command line without the superuser's power to write everywhere, so that a read-only directory
 * is one in a container too. Loaded before the privilege is given up: the checkout may be private.
 */
import '../../src/cli/check.ts'
import { runProgram } from '../../src/cli/program.ts'

const NOBODY = 65_534

if (process.getuid?.() === 0) process.setuid?.(NOBODY)
process.exitCode = await runProgram(process.argv)
