/** Progress on the terminal: a live list on a terminal, plain lines elsewhere, always on stderr. */
import { Listr, ListrLogger, ProcessOutput } from 'listr2'
import type { Progress } from '../pipeline/progress.ts'

/** Notes in a log are written at most this often. */
const PLAIN_NOTE_INTERVAL_MS = 5000

/** @param clock Milliseconds since the epoch; paces the notes where there is no terminal. */
export function createTerminalProgress(clock: () => number): Progress {
  return process.stderr.isTTY ? { step: liveStep } : plainProgress(clock)
}

async function liveStep<T>(
  title: string,
  work: (report: (note: string) => void) => Promise<T>,
): Promise<T> {
  const outcome: { value?: T } = {}
  const output = new ProcessOutput(process.stderr, process.stderr)
  const list = new Listr(
    {
      title,
      task: async (_, task) => {
        outcome.value = await work((note) => {
          task.title = `${title}: ${note}`
        })
      },
    },
    {
      renderer: 'default',
      registerSignalListeners: false,
      rendererOptions: {
        collapseErrors: false,
        logger: new ListrLogger({ processOutput: output }),
        showErrorMessage: false,
      },
    },
  )
  await list.run()
  return outcome.value as T
}

function plainProgress(clock: () => number): Progress {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  return {
    async step(title, work) {
      let lastMs = clock()
      let last = ''
      const result = await work((note) => {
        last = note
        if (clock() - lastMs < PLAIN_NOTE_INTERVAL_MS) return
        lastMs = clock()
        say(`  ${title}: ${note}`)
      })
      say(last === '' ? title : `${title}: ${last}`)
      return result
    },
  }
}
