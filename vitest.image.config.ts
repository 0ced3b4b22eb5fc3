import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/image/**/*.test.ts'],
    pool: 'threads',
    testTimeout: 300_000,
    hookTimeout: 900_000,
  },
})
