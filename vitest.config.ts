import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // These need Python: npm run test:interop.
    exclude: [...configDefaults.exclude, 'test/interop/**'],
    pool: 'threads',
    // Most of the time goes to processes that tests start: leave no core waiting for one.
    maxWorkers: availableParallelism(),
    testTimeout: 20_000,
  },
})
