import { defineConfig } from 'vitest/config'

const notSources = ['**/node_modules/**', 'dist/**', '**/*.tmp/**']
const integrationTests = '**/*.integration.test.ts'
const mockedTests = '**/*.mocked.test.ts'

export default defineConfig({
  test: {
    reporters: ['default', './scripts/skip-reporter.mjs'],
    // One core is left alone otherwise, which is half of two.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts', 'scripts/*.test.mjs'],
          exclude: [...notSources, integrationTests, mockedTests],
          // Half the time goes into loading the same modules for every file otherwise.
          isolate: false,
          pool: 'threads',
        },
      },
      {
        // Replaces a module of Node's, which nobody may have loaded before.
        test: { name: 'unit-mocked', include: [mockedTests], exclude: notSources },
      },
      {
        test: {
          name: 'integration',
          include: [integrationTests],
          exclude: notSources,
          // They start servers and databases and share two cores: one file after the other.
          fileParallelism: false,
          // For the tests of a file that say `concurrent`, because nothing they assert depends on speed.
          maxConcurrency: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          globalSetup: ['./scripts/build-for-tests.mjs'],
        },
      },
    ],
  },
})
