import { describe, expect, it } from 'vitest'
import type { LocationConfig } from './model.ts'
import { windowAt } from './planned-work.ts'
import { noonMs, Site, shop } from './testing/site.ts'

const minutes = 60_000
const hours = 60 * minutes

/** A calm Location of which the directory tells something more. */
function calm(more: Partial<LocationConfig>, options = {}): Site {
  return new Site({ ...options, config: more }).settle().forget()
}
const once = (fromMinutes: number, toMinutes: number, deviceId?: string) => ({
  maintenance: [
    {
      id: 'work-1',
      ...(deviceId === undefined ? {} : { deviceId }),
      schedule: {
        kind: 'once' as const,
        fromMs: noonMs + fromMinutes * minutes,
        toMs: noonMs + toMinutes * minutes,
      },
    },
  ],
})
const told = (at: Site) =>
  at.incidents.map(
    ({ change, report }) => `${change} ${report.faultClass} ${report.issueHeldBy ?? 'with Issue'}`,
  )

describe('planned work', () => {
  it('records a fault without an Issue, and what heals within it never gets one', () => {
    const at = calm(once(0, 60))
    at.gateway(false)
    at.pass(5 * minutes)
    expect(told(at)).toEqual(['opened router-down maintenance'])
    expect(at.view.sentence).toContain('planned work until 15:00')
    at.gateway(true)
    at.pass(2 * hours)
    expect(told(at).every((line) => line.endsWith('maintenance'))).toBe(true)
    expect(at.open).toEqual([])
  })

  it('lets go of a fault that outlasts it, after a grace of a minute', () => {
    const at = calm(once(0, 60))
    at.silent('pos-1')
    at.pass(noonMs + 60 * minutes + 59_000 - at.nowMs)
    expect(told(at)).toEqual(['opened pos-down maintenance'])
    at.pass(2_000)
    expect(told(at).slice(1)).toEqual(['updated pos-down with Issue'])
    expect(at.last.reasons.at(-1)?.text).toBe('The planned work is over and the fault stands')
  })

  it('gives what boots at its end the time to do so', () => {
    const at = calm(once(0, 60))
    at.silent('pos-1')
    at.pass(noonMs + 60 * minutes + 30_000 - at.nowMs)
    at.answers('pos-1')
    at.pass(hours)
    expect(told(at).filter((line) => line.endsWith('with Issue'))).toEqual([])
    expect(at.open).toEqual([])
  })

  it('never holds back what is told of an Issue that is open already', () => {
    const at = calm(once(20, 60))
    at.silent('pos-1')
    at.pass(20 * minutes)
    at.answers('pos-1')
    at.pass(30 * minutes)
    expect(told(at)).toEqual([
      'opened pos-down with Issue',
      'recovered pos-down with Issue',
      'closed pos-down with Issue',
    ])
  })

  it('on one device leaves the others alone', () => {
    const at = calm(once(0, 60, 'pos-1'))
    at.silent('pos-1')
    at.pass(2 * minutes)
    at.silent('pos-2')
    at.pass(2 * minutes)
    expect(told(at)).toEqual(['opened pos-down maintenance', 'opened pos-down with Issue'])
  })

  it('on the router covers a dark Location, on the switch what hangs on it', () => {
    const dark = calm(once(0, 60, 'router'), { hasBackupUplink: false })
    dark.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
    dark.pass(5 * minutes)
    expect(told(dark)).toEqual(['opened location-dark maintenance'])
    const behind = calm(once(0, 60, 'switch'))
    for (const id of ['switch', 'pos-1', 'pos-2', 'printer-1']) behind.silent(id)
    behind.pass(5 * minutes)
    expect(told(behind)).toEqual(['opened switch-down maintenance'])
    const devices = shop.map((each) =>
      each.id === 'pos-1' ? { ...each, attachedTo: { deviceId: 'switch', port: 3 } } : each,
    )
    const unplugged = calm(once(0, 60, 'switch'), { devices })
    unplugged.silent('pos-1')
    unplugged.pass(5 * minutes)
    unplugged.silent('pos-2')
    unplugged.pass(5 * minutes)
    expect(told(unplugged)).toEqual(['opened pos-down maintenance', 'opened pos-down with Issue'])
  })

  it('that is ended early lets go a minute later', () => {
    const at = calm(once(0, 600))
    at.silent('pos-1')
    at.pass(5 * minutes)
    at.ingest({
      type: 'location-configured',
      config: {
        locationId: 'loc-1',
        name: 'Bakery',
        timeZone: 'Europe/Berlin',
        calendar: { openings: [], holidays: [] },
        devices: {},
        hasBackupUplink: true,
      },
    })
    at.pass(59_000)
    expect(told(at)).toEqual(['opened pos-down maintenance'])
    at.pass(2_000)
    expect(told(at).at(-1)).toBe('updated pos-down with Issue')
  })
})

describe('a silence', () => {
  const quiet = (scope: object) => ({
    silences: [{ id: 'quiet-1', fromMs: noonMs, untilMs: noonMs + hours, ...scope }],
  })

  it('of a cause leaves other causes alone', () => {
    const at = calm(quiet({ faultClass: 'pos-down' }))
    at.silent('pos-1')
    at.pass(2 * minutes)
    at.paypath('tcp')
    at.pass(2 * minutes)
    expect(told(at)).toEqual(['opened pos-down silence', 'opened payment-path-failing with Issue'])
  })

  it('ends by itself, and what still fails opens its Issue', () => {
    const at = calm(quiet({ deviceId: 'pos-1' }))
    at.silent('pos-1')
    at.pass(2 * hours)
    expect(told(at)).toEqual(['opened pos-down silence', 'updated pos-down with Issue'])
  })
})

describe('the schedule', () => {
  const berlin = (text: string) => Date.parse(`${text}+01:00`)
  const weekly = { kind: 'weekly' as const, weekdays: [7], from: '23:00', lastsMinutes: 120 }
  const cron = { kind: 'cron', expression: '0 2 1 * *', lastsMinutes: 30 } as const

  it.each([
    ['Sunday 22:59', weekly, '2026-03-08T22:59', null],
    ['Sunday 23:00', weekly, '2026-03-08T23:00', '2026-03-09T01:00'],
    ['past midnight', weekly, '2026-03-09T00:59', '2026-03-09T01:00'],
    ['Monday 01:00', weekly, '2026-03-09T01:00', null],
    ['first of the month', cron, '2026-03-01T02:29', '2026-03-01T02:30'],
    ['its end', cron, '2026-03-01T02:30', null],
    ['another day', cron, '2026-03-02T02:10', null],
  ])('%s', (_name, schedule, at, endsAt) => {
    const window = windowAt(schedule, 'Europe/Berlin', berlin(at))
    expect(window?.toMs ?? null).toBe(endsAt === null ? null : berlin(endsAt))
  })

  it('repeats on the Location’s own clock, also in summer', () => {
    const summer = Date.parse('2026-07-05T21:30Z')
    expect(windowAt(weekly, 'Europe/Berlin', summer)).not.toBeNull()
    expect(windowAt(weekly, 'UTC', summer)).toBeNull()
  })
})
