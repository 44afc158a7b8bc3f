import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createManualScheduler } from './manual-scheduler.ts'

const create = () => createManualScheduler({ startMs: 1_000_000 })

describe('time that moves only when told to', () => {
  it('runs tasks in the order of their time, those of one moment in the order they were asked for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }), async (delays) => {
        const scheduler = create()
        const ran: { delay: number; index: number; atMono: number }[] = []
        delays.forEach((delay, index) => {
          scheduler.after(delay, () => ran.push({ delay, index, atMono: scheduler.monotonicMs() }))
        })
        await scheduler.advance(50)
        const expected = delays
          .map((delay, index) => ({ delay, index, atMono: delay }))
          .sort((a, b) => a.delay - b.delay || a.index - b.index)
        expect(ran).toEqual(expected)
      }),
      { numRuns: 30 },
    )
  })

  it('lets promises settle between two tasks', async () => {
    const scheduler = create()
    const seen: string[] = []
    scheduler.after(10, () => {
      void Promise.resolve()
        .then(() => undefined)
        .then(() => seen.push('promise of the first'))
    })
    scheduler.after(10, () => seen.push('second'))
    await scheduler.advance(10)
    expect(seen).toEqual(['promise of the first', 'second'])
  })

  it('repeats until stopped, also when it is stopped from inside', async () => {
    const scheduler = create()
    let count = 0
    const stop = scheduler.every(1_000, () => {
      count++
      if (count === 3) stop()
    })
    await scheduler.advance(60_000)
    expect(count).toBe(3)
    expect(scheduler.nowMs()).toBe(1_060_000)
  })

  it('never runs a task that was called off', async () => {
    const scheduler = create()
    let hasRun = false
    const stop = scheduler.after(5, () => {
      hasRun = true
    })
    scheduler.after(4, stop)
    await scheduler.advance(10)
    expect(hasRun).toBe(false)
    expect(scheduler.step()).toBe(false)
  })

  it('stops at the moment a condition holds, and tells when it never did', async () => {
    const scheduler = create()
    let isDone = false
    scheduler.after(300, () => {
      isDone = true
    })
    scheduler.after(400, () => undefined)
    expect(await scheduler.advanceUntil(() => isDone, 1_000)).toBe(true)
    expect(scheduler.monotonicMs()).toBe(300)
    expect(await scheduler.advanceUntil(() => false, 1_000)).toBe(false)
    expect(scheduler.monotonicMs()).toBe(1_300)
  })
})
