/** The command line: runs one command and ends with its exit code. */
import { runProgram } from './program.ts'

// A reader that has seen enough, such as `head`, is no fault.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}
process.exitCode = await runProgram(process.argv)
