/** The command line: runs one command and ends with its exit code. */
import { runProgram } from './program.ts'

process.exitCode = await runProgram(process.argv)
