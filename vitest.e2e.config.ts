import { defineConfig } from 'vitest/config'

/** Browser tests: the built console and the engine, started as `npm start` does, and a real browser. One file at a time. */
export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 600_000,
    teardownTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
  },
})
