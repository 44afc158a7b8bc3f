import { describe, expect, it } from 'vitest'
import { campaigns } from '../scenarios/lab-campaigns.ts'
import { createLocationRun } from './location-run.ts'

const minute = 60_000

/** The list that `test/full/faults.test.ts` runs on real namespaces, in memory: the same causes, within the same limits. */
describe('each fault of the real lab’s campaigns says the same in the simulation', () => {
  for (const { name, hasBackupUplink, trials } of campaigns) {
    it.each(trials.map((one) => [one.words.join(' '), one] as const))(`${name}: %s`, async (_words, one) => {
      const run = createLocationRun({ seed: 'campaign', hasBackupUplink, profile: 'lab' })
      await run.start()
      await run.pass(2 * minute)
      const [fault = '', ...args] = one.words
      const injectedMs = run.ingest.nowMs()
      await run.fault(fault, ...args)
      await run.pass(3 * minute)
      await run.heal(fault, ...args).catch(() => undefined)
      await run.pass(4 * minute)
      const told = run.incidents().filter(({ report }) => report.issueHeldBy === undefined)
      expect(told.map(({ report }) => report.faultClass)).toEqual(one.cause === null ? [] : [one.cause])
      const [first] = told
      if (first === undefined || one.limitSeconds === null) return
      expect((first.openedAtMs - injectedMs) / 1_000).toBeLessThanOrEqual(one.limitSeconds)
    })
  }
})
