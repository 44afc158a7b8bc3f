import { describe, expect, it } from 'vitest'
import { device, Site } from './testing/site.ts'
import { noteHour } from './week.ts'

const tills = (count: number) => [
  device('router', 1, 'router', { isGateway: true }),
  ...Array.from({ length: count }, (_, index) => device(`till-${index + 1}`, index + 2, 'pos-terminal')),
]
const openings = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, from: '08:00', to: '18:00' }))
const calm = (options = {}) => new Site(options).settle().forget()
const payabilityOf = (at: Site, id: string) =>
  at.view.devices.find(({ device }) => device.id === id)?.payability

describe('how urgent a fault is', () => {
  it.each([
    ['the only terminal', 1, 'critical', '1 of 1 checkout concerned'],
    ['one of two', 2, 'critical', '1 of 2 checkouts concerned'],
    ['one of four', 4, 'high', '1 of 4 checkouts concerned'],
    ['one of ten', 10, 'medium', '1 of 10 checkouts concerned'],
  ])('%s', (_name, count, severity, words) => {
    const at = calm({ devices: tills(count) })
    at.silent('till-1')
    at.pass(20_000)
    expect(at.last.severity).toBe(severity)
    expect(at.last.diagnosis).toContain(`Impact: ${words}; the shop is open.`)
  })

  it('is what the trade of the hour makes of it', () => {
    const at = calm({ devices: tills(4), config: { timeZone: 'UTC' } })
    // Tuesday 13 h: two of the four tills run; at ten all of them.
    const habitOf = (hours: readonly number[]) => {
      let week = ''
      for (let round = 0; round < 3; round += 1)
        for (let bin = 0; bin < 168; bin += 1) week = noteHour(week, bin, hours.includes(bin % 24))
      return week
    }
    at.state.devices.forEach((facts, index) => {
      facts.habit.week = habitOf(index < 3 ? [10, 13] : [10])
    })
    at.silent('till-1')
    at.pass(20_000)
    // One of two that should run, at half of the busiest hour.
    expect(at.last).toMatchObject({ faultClass: 'pos-down', severity: 'high' })
    expect(at.last.diagnosis).toContain('1 of 2 checkouts')
  })

  it('can wait while the shop is closed, and not any more when it opens', () => {
    const config = { timeZone: 'UTC', calendar: { openings, holidays: [] } }
    const at = calm({ config, startMs: Date.parse('2026-03-10T22:00Z') })
    at.gateway(false)
    at.pass(6 * 60_000)
    expect(at.last).toMatchObject({ faultClass: 'router-down', severity: 'medium' })
    expect(at.last.diagnosis).toContain('the shop is closed')
    at.pass(Date.parse('2026-03-11T07:29Z') - at.nowMs)
    expect(at.last.severity).toBe('medium')
    at.pass(120_000)
    expect(at.last.severity).toBe('critical')
  })

  it('grows with what is lost, and does not shrink while it lasts', () => {
    const at = calm({ devices: tills(10) })
    for (const id of ['till-1', 'till-2', 'till-3']) at.silent(id)
    at.pass(20_000)
    expect(at.last).toMatchObject({ faultClass: 'switch-down', severity: 'high' })
    for (const id of ['till-4', 'till-5', 'till-6']) at.silent(id)
    at.pass(60_000)
    expect(at.last).toMatchObject({ faultClass: 'switch-down', severity: 'critical' })
    for (const id of ['till-3', 'till-4', 'till-5', 'till-6']) at.answers(id)
    at.pass(60_000)
    expect(at.last.severity).toBe('critical')
  })

  it('of failing names is that of the payments that fail by them', () => {
    const at = calm({ devices: tills(3) })
    at.dns(false)
    at.pass(30_000)
    expect(at.last).toMatchObject({ faultClass: 'dns-failing', severity: 'high' })
    at.paypath('dns')
    at.pass(30_000)
    expect(at.last).toMatchObject({ faultClass: 'dns-failing', severity: 'critical' })
  })

  it('of exactly a fifth is high', () => {
    const at = calm({ devices: tills(3) })
    const [till] = at.devices.filter(({ id }) => id === 'till-1')
    at.see({
      type: 'ip-conflict',
      ip: till?.ips[0] ?? '',
      macs: [till?.macs[0] ?? '', '02:00:5e:00:00:99'],
      isActive: true,
      evidence: [],
    })
    at.pass(20_000)
    expect(at.last).toMatchObject({ faultClass: 'ip-conflict', severity: 'high' })
  })

  it('is low where no checkout is concerned', () => {
    const at = calm()
    at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'goodbye' })
    at.pass(700_000)
    expect(at.last).toMatchObject({ faultClass: 'appliance-down', severity: 'low' })
    expect(at.last.diagnosis).not.toContain('Impact')
  })
})

describe('whether a checkout can take cards', () => {
  it('its own death costs one, and the Location is degraded', () => {
    const at = calm({ devices: tills(3) })
    at.silent('till-2')
    at.pass(20_000)
    expect(['till-1', 'till-2', 'router'].map((id) => payabilityOf(at, id))).toEqual([
      'payable',
      'not-payable',
      undefined,
    ])
    expect(at.view.payability).toBe('degraded')
  })

  it.each([
    ['the router', (at: Site) => at.gateway(false), 'not-payable'],
    ['the line', (at: Site) => at.wan('down'), 'not-payable'],
    ['the processor', (at: Site) => at.paypath('tls'), 'not-payable'],
    ['name lookups', (at: Site) => at.dns(false), 'degraded'],
  ] as const)('%s takes all of them along', (_name, happens, expected) => {
    const at = calm({ devices: tills(3) })
    happens(at)
    at.pass(20_000)
    expect([payabilityOf(at, 'till-1'), at.view.payability]).toEqual([expected, expected])
  })

  it('is not known of a Location that cannot be heard', () => {
    const at = calm({ devices: tills(3) })
    at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
    at.pass(60_000)
    expect([payabilityOf(at, 'till-1'), at.view.payability]).toEqual(['unknown', 'unknown'])
  })

  it('a terminal that sleeps can', () => {
    const at = calm()
    at.silent('pos-3')
    at.pass(60_000)
    expect([payabilityOf(at, 'pos-3'), at.view.payability]).toEqual(['payable', 'payable'])
  })
})
