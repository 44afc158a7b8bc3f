import type { Scheduler, Stop } from '../ports/index.ts'

/** Time that only moves when told to; alarms ring in order, each with its microtasks done before the next. */
export interface ManualScheduler extends Scheduler {
  advance(ms: number): Promise<void>
  /** Moves the wall clock alone, as a time service does. */
  stepWall(ms: number): void
}

interface Alarm {
  atMono: number
  readonly task: () => void
  readonly periodMs?: number
}

export function createManualScheduler(startMs = 1_700_000_000_000): ManualScheduler {
  let mono = 0
  let wallOffset = startMs
  let next = 1
  const alarms = new Map<number, Alarm>()

  const add = (alarm: Alarm): Stop => {
    const id = next++
    alarms.set(id, alarm)
    return () => void alarms.delete(id)
  }
  /** Lets promises that settled run their continuations. */
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  }

  return {
    nowMs: () => mono + wallOffset,
    monotonicMs: () => mono,
    after: (delayMs, task) => add({ atMono: mono + Math.max(0, delayMs), task }),
    every: (periodMs, task) => add({ atMono: mono + periodMs, task, periodMs }),
    stepWall: (ms) => {
      wallOffset += ms
    },
    async advance(ms) {
      const end = mono + ms
      await settle()
      for (;;) {
        const due = [...alarms].sort((a, b) => a[1].atMono - b[1].atMono || a[0] - b[0])[0]
        if (due === undefined || due[1].atMono > end) break
        const [id, alarm] = due
        mono = Math.max(mono, alarm.atMono)
        if (alarm.periodMs === undefined) alarms.delete(id)
        else alarm.atMono += alarm.periodMs
        alarm.task()
        await settle()
      }
      mono = end
      await settle()
    },
  }
}
