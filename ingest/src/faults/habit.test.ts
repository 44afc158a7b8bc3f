import { describe, expect, it } from 'vitest'
import { device, Site } from './testing/site.ts'

const minutes = 60_000
const utc = (text: string): number => Date.parse(`${text}Z`)
const openings = [1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, from: '08:00', to: '18:00' }))
const devices = [
  device('router', 1, 'router', { isGateway: true }),
  device('till-1', 2, 'pos-terminal', { name: 'Terminal 1' }),
  device('till-2', 3, 'pos-terminal', { name: 'Terminal 2' }),
  device('sleeper', 4, 'pos-terminal', { name: 'Terminal 3', isSleeper: true }),
]

/** Monday morning at six, in a shop on UTC that is open from Monday to Saturday. */
function shop(): Site {
  const config = { timeZone: 'UTC', calendar: { openings, holidays: ['2026-04-06'] } }
  return new Site({ devices, config, keepsLog: false, startMs: utc('2026-03-02T06:00') }).settle().forget()
}

/** Lets days go by, ten minutes a step; `isOn` tells which devices are on. Who changes is reported at once, as the agent does. */
function live(
  at: Site,
  untilMs: number,
  isOn: (id: string, at: { hour: number; weekday: number }) => boolean,
): Site {
  while (at.nowMs < untilMs) {
    at.pass(10 * minutes)
    const now = new Date(at.nowMs)
    const clock = { hour: now.getUTCHours() + now.getUTCMinutes() / 60, weekday: now.getUTCDay() || 7 }
    for (const { id } of devices) {
      const wasOn = !at.mute.has(id)
      if (isOn(id, clock) === wasOn) continue
      if (wasOn) at.silent(id)
      else at.answers(id)
    }
    at.telemetry({ windowMs: 10 * minutes })
  }
  return at
}
const always = () => true

describe('the week that a device keeps', () => {
  it('of a second till that runs on Fridays and Saturdays only is known after two weeks; before the calendar decides', () => {
    const at = shop()
    const rush = (id: string, { weekday }: { weekday: number }) => id !== 'till-2' || weekday >= 5
    live(at, utc('2026-03-03T06:00'), rush)
    expect(at.story.filter((line) => line.startsWith('opened'))).toEqual(['opened pos-down'])
    live(at, utc('2026-03-20T06:00'), rush).forget()
    live(at, utc('2026-04-06T06:00'), rush)
    expect(at.story).toEqual([])
  })

  it('does not make a habit of a fault, however long', () => {
    const at = live(shop(), utc('2026-03-16T06:00'), always)
    live(at, utc('2026-04-10T06:00'), (id) => id !== 'till-1')
    expect(at.open).toEqual(['pos-down till-1'])
    live(at, utc('2026-04-10T12:00'), always).forget()
    live(at, utc('2026-04-10T14:00'), (id) => id !== 'till-1')
    expect(at.story).toEqual(['opened pos-down'])
  })

  it('a till that is missed on its day is a fault', () => {
    const rush = (id: string, { weekday }: { weekday: number }) => id !== 'till-2' || weekday >= 5
    const at = live(shop(), utc('2026-04-03T07:00'), rush).forget()
    live(at, utc('2026-04-03T09:00'), (id) => id !== 'till-2')
    expect(at.story).toEqual(['opened pos-down'])
  })
})

describe('the opening check', () => {
  const byDay = (_id: string, { hour, weekday }: { hour: number; weekday: number }) =>
    _id === 'router' || (weekday < 7 && hour >= 7.2 && hour < 18.5)

  it('misses a terminal half an hour before opening, and says how often it was here at that time', () => {
    const at = live(shop(), utc('2026-03-27T06:00'), byDay).forget()
    live(at, utc('2026-03-27T07:20'), byDay)
    expect(at.story).toEqual([])
    live(at, utc('2026-03-27T07:40'), (id, clock) => id !== 'till-1' && byDay(id, clock))
    expect(at.story).toEqual(['opened pos-down'])
    expect(at.last.reasons.map(({ text }) => text)).toContain(
      'Terminal 1 was here on 20 of the last 20 mornings, not today',
    )
  })

  it('waits for one that is never switched on before nine', () => {
    const late = (id: string, clock: { hour: number; weekday: number }) =>
      id === 'till-2' ? clock.weekday < 7 && clock.hour >= 9 && clock.hour < 18 : byDay(id, clock)
    const at = live(shop(), utc('2026-03-27T06:00'), late).forget()
    live(at, utc('2026-03-27T08:50'), late)
    expect(at.story).toEqual([])
    live(at, utc('2026-03-27T11:00'), (id, clock) => id !== 'till-2' && late(id, clock))
    expect(at.story).toEqual(['opened pos-down'])
  })

  it('misses a battery terminal that is gone for a day, beyond all its sleep in the open shop, and lets go when it wakes', () => {
    const naps = (id: string, clock: { hour: number; weekday: number }) =>
      id === 'sleeper' ? byDay(id, clock) && Math.floor(clock.hour * 6) % 2 === 0 : byDay(id, clock)
    const gone = (id: string, clock: { hour: number; weekday: number }) => id !== 'sleeper' && naps(id, clock)
    const at = live(shop(), utc('2026-03-19T06:00'), naps).forget()
    live(at, utc('2026-03-19T20:00'), gone)
    expect(at.story).toEqual([])
    live(at, utc('2026-03-20T07:50'), gone)
    expect(at.story).toEqual(['opened pos-down'])
    expect(at.last.reasons.map(({ text }) => text).join()).toMatch(
      /Terminal 3 was here on 1\d of the last 1\d mornings, not today/,
    )
    live(at, utc('2026-03-20T10:00'), naps)
    expect(at.story.slice(1)).toEqual(['recovered pos-down', 'closed pos-down'])
  })

  it('asks nobody on a holiday', () => {
    const at = live(shop(), utc('2026-04-04T20:00'), byDay).forget()
    live(
      at,
      utc('2026-04-06T20:00'),
      (id, clock) => id === 'router' || (clock.weekday !== 1 && byDay(id, clock)),
    )
    expect(at.story).toEqual([])
  })
})

describe('a sleeping terminal', () => {
  it('is missed when it sleeps four times as long as ever in a hundred sleeps', () => {
    const naps = (id: string, { hour }: { hour: number }) =>
      id !== 'sleeper' || Math.floor(hour * 6) % 2 === 0
    const at = live(shop(), utc('2026-03-10T09:00'), naps).forget()
    live(at, utc('2026-03-10T12:00'), (id) => id !== 'sleeper')
    expect(at.story).toEqual(['opened pos-down'])
  })

  it('may sleep as it likes before that much is known', () => {
    const at = live(shop(), utc('2026-03-03T09:00'), always)
    live(at, utc('2026-03-03T17:00'), (id) => id !== 'sleeper')
    expect(at.story).toEqual([])
  })
})

describe('at night', () => {
  it('a terminal that never was on at this hour is told as a notice, not as a fault', () => {
    const byDay = (id: string, { hour }: { hour: number }) => id === 'router' || (hour >= 7 && hour < 19)
    const at = live(shop(), utc('2026-03-27T01:30'), byDay)
    expect(at.view.sentence).not.toContain('on although')
    live(at, utc('2026-03-27T02:30'), (id, clock) => id === 'till-1' || byDay(id, clock))
    expect(at.view.devices.find(({ device }) => device.id === 'till-1')).toMatchObject({
      health: 'ok',
      notice: 'on although the shop is closed, which it never was at this hour',
    })
    expect(at.view.sentence).toContain('Terminal 1 is on although the shop is closed')
    expect(at.open).toEqual([])
  })
})
