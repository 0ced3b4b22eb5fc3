import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // These need Python, and tools that build containers: npm run test:interop, npm run test:image.
    exclude: [...configDefaults.exclude, 'test/interop/**', 'test/image/**'],
    pool: 'threads',
    // Most of the time goes to processes that tests start: leave no core waiting for one.
    maxWorkers: availableParallelism(),
    testTimeout: 20_000,
  },
})
