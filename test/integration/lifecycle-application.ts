/** The application in this process, on a store of its own, for what no command line can inject. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ComposeOptions, composeApplication } from '../../src/compose.ts'
import { type Config, DEFAULT_CONFIG } from '../../src/config.ts'
import type { Application } from '../../src/pipeline/application.ts'
import type { Progress } from '../../src/pipeline/progress.ts'

export interface TestLifecycle {
  readonly app: Application
  readonly config: Config
  /** Closes the application and removes its store. */
  end(): Promise<void>
}

/** Classical models only, so that a lifecycle takes a second. */
export async function openLifecycle(
  overrides: Partial<Config>,
  options: ComposeOptions = {},
): Promise<TestLifecycle> {
  const parent = await mkdtemp(join(tmpdir(), 'tickerflow-lifecycle-'))
  const config: Config = {
    ...DEFAULT_CONFIG,
    store: join(parent, 'store'),
    panel: [],
    models: ['naive', 'ewma', 'har'],
    candidate: 'har',
    evaluation: { ...DEFAULT_CONFIG.evaluation, from: '2009-01-01', to: '2012-12-31' },
    threads: 1,
    ...overrides,
  }
  const app = await composeApplication(config, options)
  return {
    app,
    config,
    async end() {
      await app.close()
      await rm(parent, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** Says nothing; `onStep` hears of each step as it begins. */
export function silentProgress(onStep: (title: string) => void = () => {}): Progress {
  return {
    async step(title, work) {
      onStep(title)
      return await work(() => {})
    },
  }
}
