import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // These need Python: npm run test:interop.
    exclude: [...configDefaults.exclude, 'test/interop/**'],
    pool: 'threads',
    testTimeout: 20_000,
  },
})
