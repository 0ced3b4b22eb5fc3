/** A state to test, wherever it is kept. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { STATE_SCHEMAS } from '../../../src/compose.ts'
import { openState, type State } from '../../../src/open-state.ts'

export interface TestState extends State {
  /** The same state, as another process has it. */
  again(): Promise<State>
  /** What somebody with an SQL prompt does: past the program, and past the triggers. */
  edit(...statements: readonly string[]): void
  /** Closes what was opened and removes what was kept. */
  end(): Promise<void>
}

/** Opens an empty one. */
export type OpenTestState = () => Promise<TestState>

export const openEmbeddedState: OpenTestState = async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tickerflow-state-'))
  const file = join(directory, 'tickerflow.db')
  const opened: State[] = []
  const open = async () => {
    const state = await openState({
      ...{ file, postgres: undefined, patienceMs: undefined, schemas: STATE_SCHEMAS },
      machineClock: () => Date.now(),
    })
    opened.push(state)
    return state
  }
  return {
    ...(await open()),
    again: open,
    edit(...statements) {
      const other = new DatabaseSync(file)
      const triggers = other.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all()
      for (const { name } of triggers) other.exec(`DROP TRIGGER ${name}`)
      for (const statement of statements) other.exec(statement)
      other.close()
    },
    async end() {
      for (const state of opened) await state.close()
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
