import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    pool: 'threads',
    // Most of the time goes to processes that tests start: leave no core waiting for one.
    maxWorkers: availableParallelism(),
    testTimeout: 60_000,
  },
})
