import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Tests stand beside what they test. Limits are generous: a slow machine must not fail the build. */
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('.', import.meta.url)) } },
  test: {
    include: ['**/*.test.{ts,tsx,mjs}'],
    exclude: ['node_modules/**', '.next/**', 'e2e/**', 'data/**', 'db/generated/**'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default'],
  },
})
