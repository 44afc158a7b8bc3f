import { describe, expect, it } from 'vitest'
import { createFaultCore } from './index.ts'
import { Site } from './testing/site.ts'

const minutes = 60_000
const good = { rttMs: 12, lossRatio: 0 }

/** Windows of half a minute, all alike. */
function windows(at: Site, count: number, line: { rttMs: number; lossRatio: number }, more = {}): Site {
  for (let index = 0; index < count; index += 1) {
    at.pass(30_000)
    at.telemetry({ line, ...more })
  }
  return at
}

/** A Location whose line is known for an hour. */
const known = (options = {}) => windows(new Site(options).settle(), 120, good).forget()

/** The appliance's word on the line, with what is lost of the newest echoes. */
const degraded = (lossRatio: number, sinceMs: number) =>
  ({
    type: 'wan-changed',
    uplinkId: 'primary',
    state: 'degraded',
    firstHop: true,
    wanLink: true,
    lossRatio,
    sinceMs,
  }) as const

describe('a line that does worse than usual', () => {
  it('is one incident of the provider’s Team once it lasts, with figures, and heals', () => {
    const at = windows(known(), 20, { rttMs: 12, lossRatio: 0.23 })
    expect(at.story).toEqual(['opened wan-degraded'])
    expect(at.last).toMatchObject({
      rootRole: 'internet',
      severity: 'medium',
      affectedDeviceIds: ['pos-1', 'pos-2', 'pos-3'],
    })
    expect(at.last.diagnosis).toMatch(
      /a payment waits \d\.\d s for the line instead of 0\.1 s as usual at this hour; 23 % of the packets lost/,
    )
    expect(at.view).toMatchObject({ health: 'degraded', payability: 'degraded' })
    windows(at, 40, good)
    expect(at.story.at(-1)).toBe('closed wan-degraded')
    expect(at.view.health).toBe('ok')
  })

  it('that is hardly usable opens within a minute of the agent’s word, as high', () => {
    const at = known()
    at.see(degraded(0.5, at.nowMs))
    at.pass(30_000)
    expect(at.story).toEqual(['opened wan-degraded'])
    expect(at.last.severity).toBe('high')
  })

  it('for a burst that fills a single window opens nothing; in two windows in a row it does, and in one of a minute', () => {
    const burst = { rttMs: 30, lossRatio: 0.55 }
    const once = windows(windows(known(), 1, burst), 10, good)
    expect(once.story).toEqual([])
    expect(windows(known(), 4, burst).story).toEqual(['opened wan-degraded'])
    const long = known()
    long.pass(60_000)
    long.telemetry({ line: burst, windowMs: 60_000 })
    long.pass(30_000)
    expect(long.story).toEqual(['opened wan-degraded'])
  })

  it('that is taken back within its wait opens nothing, also where the appliance’s clock is slow; what came late has waited', () => {
    const at = new Site().settle()
    at.clockBehindMs = 13_000
    windows(at, 120, good).forget()
    at.see(degraded(0.4, at.nowMs - at.clockBehindMs))
    at.pass(20_000)
    at.see(degraded(0, at.nowMs - at.clockBehindMs))
    at.pass(40_000)
    expect(at.story).toEqual([])
    at.see(degraded(0.5, at.nowMs - at.clockBehindMs - 20_000), 20_000)
    at.pass(10_000)
    expect(at.story).toEqual(['opened wan-degraded'])
  })

  it('gets worse: the same incident grows more severe, and becomes the line’s when it dies', () => {
    const at = windows(known(), 20, { rttMs: 12, lossRatio: 0.23 })
    windows(at, 4, { rttMs: 12, lossRatio: 0.6 })
    expect(at.story).toEqual(['opened wan-degraded', 'updated wan-degraded'])
    expect(at.last.severity).toBe('high')
    at.wan('down', { wanLink: false })
    at.pass(10_000)
    expect(at.story.at(-1)).toBe('moved wan-link-down')
    expect(at.open).toEqual(['wan-link-down wan'])
  })

  it('that has moments without any answer stays one incident of one cause', () => {
    const at = windows(known(), 4, { rttMs: 12, lossRatio: 0.6 })
    for (let blip = 0; blip < 6; blip += 1) {
      at.wan('down')
      at.pass(8_000)
      at.wan('up')
      windows(at, 3, { rttMs: 12, lossRatio: 0.4 })
    }
    expect(new Set(at.incidents.map(({ report }) => report.faultClass))).toEqual(new Set(['wan-degraded']))
    expect(at.story.filter((line) => line.startsWith('opened'))).toHaveLength(1)
    expect(at.open).toEqual(['wan-degraded line'])
  })

  it('that dies, comes back and does badly still is one Issue', () => {
    const at = windows(known(), 4, { rttMs: 12, lossRatio: 0.6 })
    at.wan('down')
    at.pass(60_000)
    at.wan('up')
    windows(at, 4, { rttMs: 12, lossRatio: 0.6 })
    expect(at.story.filter((line) => /opened|moved/.test(line))).toEqual([
      'opened wan-degraded',
      'moved provider-down',
      'moved wan-degraded',
    ])
  })

  it('explains a processor and a resolver that fail behind it, when it is hardly usable', () => {
    const at = windows(known(), 3, { rttMs: 12, lossRatio: 0.5 })
    at.paypath('tcp')
    at.dns(false)
    at.pass(2 * minutes)
    expect(at.open).toEqual(['wan-degraded line'])
  })

  it('that is merely slow hides no dead processor', () => {
    const at = windows(known(), 20, { rttMs: 12, lossRatio: 0.23 })
    at.paypath('tcp')
    at.pass(minutes)
    expect(at.open).toEqual(['payment-path-failing processor', 'wan-degraded line'])
  })
})

describe('a line that nobody knows yet', () => {
  const word = (at: Site, lossRatio: number) => at.see(degraded(lossRatio, at.nowMs))
  const bad = { rttMs: 12, lossRatio: 0.5 }

  it('is told by the appliance’s word alone when that says that it is hardly usable', () => {
    const at = new Site().settle()
    word(at, 0.5)
    at.pass(30_000)
    expect(at.story).toEqual(['opened wan-degraded'])
  })

  it('is told by what the windows show where that word came early, when little was lost yet', () => {
    const at = windows(new Site().settle(), 2, good)
    word(at, 0.2)
    windows(at, 1, { rttMs: 12, lossRatio: 0.25 })
    expect(at.story).toEqual([])
    windows(at, 2, bad)
    at.pass(10_000)
    expect(at.story).toEqual(['opened wan-degraded'])
    expect(at.last.severity).toBe('high')
  })

  it('is told a second time while the appliance remembers the first and says nothing new', () => {
    const at = windows(new Site().settle(), 2, good)
    word(at, 0.5)
    windows(at, 3, bad)
    windows(at, 12, good)
    expect(at.story.at(-1)).toBe('closed wan-degraded')
    windows(at, 2, bad)
    at.pass(10_000)
    expect(at.story.slice(-2)).toEqual(['closed wan-degraded', 'opened wan-degraded'])
  })

  it('is not judged by windows that no word of the appliance stands behind, nor by one of them where it does', () => {
    const at = windows(new Site().settle(), 4, bad)
    at.pass(minutes)
    expect(at.story).toEqual([])
    const other = windows(new Site().settle(), 2, good)
    word(other, 0.12)
    windows(other, 1, { rttMs: 12, lossRatio: 0.4 })
    windows(other, 4, good)
    other.pass(minutes)
    expect(other.story).toEqual([])
  })

  it('that dies after one window full of losses is told as dead as soon as any other', () => {
    const at = windows(new Site().settle(), 2, good)
    at.pass(10_000)
    at.telemetry({ line: { rttMs: 12, lossRatio: 0.7 }, windowMs: 10_000 })
    const downMs = at.nowMs
    at.wan('down')
    at.pass(10_000)
    expect(at.story).toEqual(['opened provider-down'])
    expect((at.last.openedAtMs ?? 0) - downMs).toBeLessThanOrEqual(3_000)
  })
})

describe('what is no degradation', () => {
  it.each([
    ['a burst of loss for half a minute', 1, { rttMs: 12, lossRatio: 0.5 }],
    ['five percent lost each way', 60, { rttMs: 12, lossRatio: 0.0975 }],
    ['a round trip of the mobile network', 60, { rttMs: 90, lossRatio: 0 }],
  ])('%s opens nothing', (_name, count, line) => {
    const at = windows(windows(known(), count, line), 10, good)
    at.pass(10 * minutes)
    expect(at.story).toEqual([])
  })

  it('loss on the way to the router is not the line’s', () => {
    const at = known()
    const lossy = at.devices.map(({ alias }) => [alias, 1, 1, 2, 3, 0.23, 0.1, 10, null])
    for (let index = 0; index < 20; index += 1) {
      at.pass(30_000)
      at.telemetry({ line: { rttMs: 12, lossRatio: 0.23 }, deviceRows: lossy })
    }
    expect(at.story).toEqual([])
  })

  it('nights of backups in a closed shop open nothing', () => {
    const openings = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, from: '08:00', to: '18:00' }))
    const at = known({
      config: { calendar: { openings, holidays: [] } },
      startMs: Date.parse('2026-03-10T20:00Z'),
    })
    windows(at, 120, { rttMs: 500, lossRatio: 0.2 })
    expect(at.story).toEqual([])
  })

  it('what was lost while the line was down does not make it slow afterwards', () => {
    const at = known()
    at.wan('down')
    windows(at, 4, { rttMs: 12, lossRatio: 0.9 })
    at.wan('up')
    windows(at, 20, good)
    expect(new Set(at.incidents.map(({ report }) => report.faultClass))).toEqual(new Set(['provider-down']))
  })

  it('a slow processor makes payments worse, not the line', () => {
    const at = known()
    windows(at, 60, good, { payMs: 400 })
    windows(at, 20, good, { payMs: 3_000 })
    expect(at.story).toEqual([])
    expect(at.view).toMatchObject({ health: 'degraded', payability: 'degraded' })
  })
})

describe('what is usual', () => {
  it('outlives a stored state and a restart of the agent', () => {
    const at = known()
    const core = createFaultCore({ env: 'test', profile: 'production' })
    at.state = core.deserialize(core.serialize(at.state))
    at.bootEpoch += 1
    at.birth()
    windows(at, 3, good)
    windows(at, 20, { rttMs: 12, lossRatio: 0.23 })
    expect(at.story).toEqual(['opened wan-degraded'])
  })

  it('of a target that is not watched any more is forgotten, and its incident says so', () => {
    const at = windows(known(), 20, { rttMs: 12, lossRatio: 0.23 })
    at.birth({ targets: [] })
    for (let batch = 0; batch < 59; batch += 1) at.telemetry()
    expect(at.open).toEqual(['wan-degraded line'])
    at.telemetry()
    expect(at.open).toEqual([])
    expect(at.last.reasons.at(-1)?.text).toBe('It is not watched any more')
  })
})
