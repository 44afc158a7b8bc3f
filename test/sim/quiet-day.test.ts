import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLocationRun } from './location-run.ts'
import type { ManualScheduler } from './manual-scheduler.ts'
import { createRandom } from './random.ts'

const hours = 3_600_000
const minutes = 60_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What a process can leave open; its timers and ports are also the test runner's own, which come and go. */
const opened = /^(TCP|UDP|Pipe|TLS|Process|FSEvent|StatWatcher|Worker)/

/** What agent, world and cloud hold on to at this moment. */
function held(scheduler: ManualScheduler, planned: number) {
  collectGarbage()
  return {
    heapBytes: process.memoryUsage().heapUsed,
    timers: scheduler.pending() - planned,
    handles: process.getActiveResourcesInfo().filter((kind) => opened.test(kind)),
  }
}

describe('a day on which nothing is broken', () => {
  // All time is the scheduler's: an alarm of the process itself would be one that nothing here counts.
  const clocks = ['setTimeout', 'setInterval'] as const
  beforeEach(() => clocks.forEach((clock) => void vi.spyOn(globalThis, clock)))
  afterEach(() => void vi.restoreAllMocks())

  for (const hasBackupUplink of [true, false]) {
    it(`opens nothing: 1 % loss, a sleeper, a nightly router restart${hasBackupUplink ? ', a second way out' : ''}`, {
      timeout: 120_000,
    }, async () => {
      const openings = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, from: '08:00', to: '20:00' }))
      const run = createLocationRun({
        seed: 'quiet day',
        hasBackupUplink,
        startMs: Date.UTC(2026, 10, 18),
        timeZone: 'UTC',
        calendar: { openings, holidays: [] },
        quality: { lanLossRatio: 0.01, wanLossRatio: 0.01, backupLossRatio: 0.01 },
        timing: { rebootMs: 75_000, lineTrainingMs: 20_000 },
        telemetrySeconds: 60,
        keepsJournal: false,
      })
      /** What is planned for later waits in the scheduler as well. */
      let planned = 0
      const plan = (atMs: number, task: () => void) => {
        planned++
        run.scheduler.after(atMs, () => {
          planned--
          task()
        })
      }
      const random = createRandom('sleeper')
      let atMs = 30 * minutes
      while (atMs < 24 * hours) {
        const asleepMs = random.between(3, 40) * minutes
        plan(atMs, () => void run.location.faults.inject('pos-sleep', ['pos-3']))
        plan(atMs + asleepMs, () => void run.location.faults.heal('pos-sleep', ['pos-3']))
        atMs += asleepMs + random.between(1, 5) * minutes
      }
      plan(3.5 * hours, () => void run.location.faults.inject('router-reboot', []))
      plan(12 * hours, () => void run.location.faults.inject('roam', ['office-1']))
      plan(13 * hours, () => void run.location.faults.inject('new-device', ['new-1']))
      plan(14 * hours, () => void run.location.faults.inject('pos-restart', ['pos-1']))
      plan(15 * hours, () => run.cloud.restart(8_000))
      plan(16 * hours, () => run.appliance.restartAgent())
      await run.start()
      await run.pass(4 * hours)
      const early = held(run.scheduler, planned)
      await run.pass(20 * hours)
      const late = held(run.scheduler, planned)
      // Nothing grows with the hours: neither memory, nor alarms, nor handles of the process.
      expect(late.heapBytes - early.heapBytes).toBeLessThan(4_000_000)
      expect(Math.abs(late.timers - early.timers)).toBeLessThanOrEqual(8)
      expect(late.handles).toEqual(early.handles)
      for (const clock of clocks) expect(globalThis[clock]).not.toHaveBeenCalled()
      expect(run.incidents().map(({ report }) => report.headline)).toEqual([])
      // At 4 % lost round trips the line reads as degraded for a minute now and then; that is shown and opens nothing.
      expect(run.ingest.view()?.isOnline).toBe(true)
    })
  }
})
