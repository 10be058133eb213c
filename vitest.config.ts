import { defineConfig } from 'vitest/config'

const notSources = ['**/node_modules/**', 'dist/**', '**/*.tmp/**']
const integrationTests = '**/*.integration.test.ts'

export default defineConfig({
  test: {
    reporters: ['default', './scripts/skip-reporter.mjs'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts', 'scripts/*.test.mjs'],
          exclude: [...notSources, integrationTests],
        },
      },
      {
        test: {
          name: 'integration',
          include: [integrationTests],
          exclude: notSources,
          // They start servers and databases and share two cores: one file after the other.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          globalSetup: ['./scripts/build-for-tests.mjs'],
        },
      },
    ],
  },
})
