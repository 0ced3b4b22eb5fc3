import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Scripts of their own: whole programs as processes (npm run test:e2e), Python (test:interop),
    // tools that build containers (test:image), the services of a team (test:team).
    exclude: [
      ...configDefaults.exclude,
      'test/e2e/**',
      'test/interop/**',
      'test/image/**',
      'test/team/**',
    ],
    pool: 'threads',
    // Most of the time goes to processes that tests start: leave no core waiting for one.
    maxWorkers: availableParallelism(),
    testTimeout: 20_000,
  },
})
