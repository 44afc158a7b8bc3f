import { defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/test/longest-first.ts'

const ignored = ['**/node_modules/**', '**/dist/**', '**/.proactive/**']

/** Tests on real programs wait more than they work: more of them than cores. */
const waitingWorkers = 6

/** Groups run one after another: what only computes first, so that it never takes the cores from what is timed. */
export default defineConfig({
  test: {
    passWithNoTests: true,
    silent: 'passed-only',
    exclude: ignored,
    sequence: { sequencer: LongestFirst },
    // A second, as it comes, is luck on a machine that has all its cores at work.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'test/{lab,sim}/**/*.test.ts'],
          testTimeout: 15_000,
          // Unit tests share no state but what they import: a process per file would triple the time.
          isolate: false,
          // Vitest would leave a core idle: half of the cores where there are two.
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: waitingWorkers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          maxWorkers: waitingWorkers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'full',
          include: process.env.PROACTIVE_FULL === '1' ? ['test/full/**/*.test.ts'] : [],
          testTimeout: 3_600_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          maxConcurrency: 8,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
