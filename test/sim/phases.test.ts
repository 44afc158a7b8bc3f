import { describe, expect, it } from 'vitest'
import { createLocationRun } from './location-run.ts'

/** A fault may come at any moment of the agent's rounds, of a keepalive, of a telemetry window. */
const phases = 10
const longestRoundMs = 30_000

async function secondsToOpen(fault: readonly [string, ...string[]], hasBackupUplink: boolean, phase: number) {
  const run = createLocationRun({ seed: `phase ${phase}`, hasBackupUplink, keepsJournal: false })
  await run.start()
  await run.pass(90_000 + (phase * longestRoundMs) / phases)
  const startMs = run.scheduler.nowMs()
  await run.fault(...fault)
  await run.scheduler.advanceUntil(() => run.incidents().length > 0, 120_000)
  return ((run.incidents()[0]?.openedAtMs ?? Number.POSITIVE_INFINITY) - startMs) / 1_000
}

describe('whenever it happens', { timeout: 60_000 }, () => {
  for (const [fault, hasBackupUplink, seconds] of [
    [['router-down'], true, 15],
    [['wan-down', 'link'], true, 15],
    [['wan-down', 'provider'], true, 15],
    [['router-down'], false, 60],
    [['power-cut'], false, 60],
    [['pos-down', 'pos-1'], false, 30],
    [['pos-down', 'pos-2'], false, 30],
  ] as const) {
    const way = hasBackupUplink ? 'with a second way out' : 'with one way out'
    it(`${fault.join(' ')} is told within ${seconds} s, ${way}`, async () => {
      const times: number[] = []
      for (let phase = 0; phase < phases; phase++)
        times.push(await secondsToOpen(fault, hasBackupUplink, phase))
      expect(Math.max(...times)).toBeLessThanOrEqual(seconds)
    })
  }
})
