import { describe, expect, it } from 'vitest'
import { createAgent } from './agent.ts'
import { createManualScheduler } from './testing/manual-scheduler.ts'
import { createPaperShop, type PaperHost } from './testing/paper-shop.ts'

const minute = 60_000
const hour = 60 * minute
/** What the time is when the scheduler's monotonic clock shows 0. */
const trueStartMs = 1_800_000_000_000
const timeKeys = new Set(['atMs', 'sinceMs', 'fromMs', 'toMs', 'firstSeenMs'])

/** A shop whose appliance wakes up with the wall clock at `wallMs`; time services and people may set it. */
function shop(wallMs: number) {
  const scheduler = createManualScheduler(wallMs)
  const host = (last: number, mac: string): PaperHost => ({
    ...{ ip: `192.0.2.${last}`, mac, answersIcmp: true, answersArp: true },
  })
  const pos = host(21, '00:0b:4f:11:52:01')
  const world = createPaperShop(scheduler, [host(1, '18:fd:74:5a:10:01'), pos])
  let syncedMs: number | undefined
  const clockTrust = { isTrusted: () => syncedMs !== undefined, lastSyncMs: () => syncedMs }
  const trueMs = () => trueStartMs + scheduler.monotonicMs()
  const wrong: string[] = []
  /** Each time in a message that calls itself synced must be a time since the world began, and not of the future. */
  function check(): void {
    for (const { kind, message } of world.sent) {
      if (!('clock' in message) || message.clock !== 'synced') continue
      walk(message, (key, value) => {
        if (timeKeys.has(key) && (value < trueStartMs - 1_000 || value > trueMs() + 1_000))
          wrong.push(`${kind} ${key} ${new Date(value).toISOString()}`)
      })
    }
  }
  return {
    ...{ scheduler, world, pos, trueMs },
    agent: () => createAgent({ ...world.deps, clockTrust }),
    /** A time server was heard: the clock is set and vouched for. */
    sync() {
      scheduler.stepWall(trueMs() - scheduler.nowMs())
      syncedMs = scheduler.nowMs()
    },
    setByHand: (byMs: number) => scheduler.stepWall(byMs),
    wrong: () => {
      check()
      return [...new Set(wrong)]
    },
    marked: (clock: string) =>
      world.sent.filter(({ message }) => 'clock' in message && message.clock === clock).length,
  }
}

function walk(value: unknown, visit: (key: string, value: number) => void): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === 'number') visit(key, item)
    else walk(item, visit)
  }
}

describe('no time leaves wrong and unmarked', () => {
  it.each([
    ['in 1970', 5_000],
    ['an hour slow, from a saved clock', trueStartMs - hour],
    ['in 2099', 4_070_908_800_000],
  ])('when the appliance wakes up %s and NTP comes two minutes late', async (_, wallMs) => {
    const at = shop(wallMs)
    const agent = at.agent()
    await agent.start()
    await at.scheduler.advance(45_000)
    // Told while the clock is wrong, and while nobody listens.
    at.world.setCloud(false)
    at.pos.answersIcmp = false
    at.pos.answersArp = false
    await at.scheduler.advance(75_000)
    at.sync()
    await at.scheduler.advance(10_000)
    at.world.setCloud(true)
    at.pos.answersIcmp = true
    at.pos.answersArp = true
    await at.scheduler.advance(3 * minute)
    expect(at.wrong()).toEqual([])
    expect(at.marked('unsynced')).toBeGreaterThan(0)
    expect(at.marked('synced')).toBeGreaterThan(3)
    expect(agent.status().clock).toBe('synced')
    const silent = at.world.sent.find(
      ({ kind, message }) => kind === 'observation' && message.change.type === 'device-silent',
    )
    expect(silent?.message).toMatchObject({ clock: 'synced' })
    expect(agent.status().devices.every(({ firstSeenMs }) => firstSeenMs >= trueStartMs)).toBe(true)
  })

  it.each([3 * hour, -3 * hour])(
    'when somebody sets the clock by %i ms, and NTP takes it back half an hour later',
    async (byMs) => {
      const at = shop(trueStartMs)
      at.sync()
      const agent = at.agent()
      await agent.start()
      await at.scheduler.advance(2 * minute)
      at.setByHand(byMs)
      await at.scheduler.advance(30 * minute)
      at.sync()
      await at.scheduler.advance(5 * minute)
      expect(at.wrong()).toEqual([])
      expect(at.marked('unsynced')).toBe(0)
    },
  )

  it('when the power goes before the clock was ever right, and the next start finds it right', async () => {
    const at = shop(5_000)
    const first = at.agent()
    await first.start()
    await at.scheduler.advance(2 * minute)
    at.world.state.bootId = 'boot-2'
    at.sync()
    await at.agent().start()
    await at.scheduler.advance(3 * minute)
    expect(at.wrong()).toEqual([])
  })

  it('when a start after a power cut tells what the run before saw, its own clock in 1970', async () => {
    const at = shop(trueStartMs)
    at.sync()
    const first = at.agent()
    await first.start()
    await at.scheduler.advance(5 * minute)
    // Power cut: the next boot begins in 1970 without a time server.
    at.world.setCloud(false)
    at.world.state.bootId = 'boot-2'
    at.setByHand(5_000 - at.scheduler.nowMs())
    const again = shopClockLost(at)
    await again.start()
    await at.scheduler.advance(minute)
    at.sync()
    await at.scheduler.advance(20_000)
    at.world.setCloud(true)
    await at.scheduler.advance(5 * minute)
    expect(at.wrong()).toEqual([])
  })
})

/** The same shop's next boot, before any time server was heard. */
function shopClockLost(at: ReturnType<typeof shop>) {
  let wasLost = true
  const bootedMs = at.scheduler.nowMs()
  const isRight = () => {
    if (wasLost && at.scheduler.nowMs() > bootedMs + hour) wasLost = false
    return !wasLost
  }
  return createAgent({
    ...at.world.deps,
    clockTrust: { isTrusted: isRight, lastSyncMs: () => (isRight() ? at.scheduler.nowMs() : undefined) },
  })
}
