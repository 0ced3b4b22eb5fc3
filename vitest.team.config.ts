import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/team/**/*.test.ts'],
    globalSetup: ['test/interop/python-environment.ts'],
    pool: 'threads',
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
})
