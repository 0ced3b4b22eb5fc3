import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    globalSetup: ['test/interop/python-environment.ts'],
    pool: 'threads',
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
})
