import { describe, expect, it } from 'vitest'
import { clockWords, isOpenHours } from './hours.ts'
import type { LocationConfig } from './model.ts'
import { Site } from './testing/site.ts'
import { nextOpeningCheckMs } from './trading.ts'

const weekdays = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, from: '08:00', to: '18:00' }))
const shopHours = (
  openings: LocationConfig['calendar']['openings'],
  holidays: string[] = [],
): LocationConfig => ({
  locationId: 'loc-1',
  name: 'Bakery',
  timeZone: 'Europe/Berlin',
  calendar: { openings, holidays },
  devices: {},
  hasBackupUplink: true,
})
const utc = (text: string): number => Date.parse(`${text}Z`)

describe('opening hours', () => {
  it.each([
    ['Tuesday noon', '2026-03-10T11:00', true],
    ['half an hour before opening', '2026-03-10T06:30', true],
    ['31 minutes before opening', '2026-03-10T06:29', false],
    ['closing time', '2026-03-10T17:00', false],
    ['Sunday', '2026-03-15T11:00', false],
    ['summer time: 08:00 is 06:00 UTC', '2026-07-07T05:30', true],
  ])('%s', (_name, at, isOpen) => {
    expect(isOpenHours(shopHours(weekdays), utc(at))).toBe(isOpen)
  })

  it('a holiday is closed, a bar is open past midnight, a shop without hours is always open', () => {
    expect(isOpenHours(shopHours(weekdays, ['2026-03-10']), utc('2026-03-10T11:00'))).toBe(false)
    const bar = shopHours([{ weekday: 7, from: '20:00', to: '02:00' }])
    expect(isOpenHours(bar, utc('2026-03-16T00:30'))).toBe(true)
    expect(isOpenHours(bar, utc('2026-03-16T01:30'))).toBe(false)
    expect(isOpenHours(shopHours([]), utc('2026-03-15T03:00'))).toBe(true)
    expect(isOpenHours(null, utc('2026-03-15T03:00'))).toBe(true)
  })

  it('around the clock has no gap at midnight', () => {
    const always = shopHours(
      [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, from: '00:00', to: '24:00' })),
    )
    for (let minute = 0; minute < 7 * 1_440; minute += 7)
      expect(isOpenHours(always, utc('2026-03-09T00:00') + minute * 60_000)).toBe(true)
  })

  it('the next look is half an hour before the next opening', () => {
    expect(nextOpeningCheckMs(shopHours(weekdays), utc('2026-03-10T20:00'))).toBe(utc('2026-03-11T06:30'))
    expect(nextOpeningCheckMs(shopHours(weekdays), utc('2026-03-14T10:00'))).toBe(utc('2026-03-16T06:30'))
    expect(nextOpeningCheckMs(shopHours([]), utc('2026-03-14T10:00'))).toBeNull()
    const closedTill = shopHours(weekdays, ['2026-03-11', '2026-03-12'])
    expect(nextOpeningCheckMs(closedTill, utc('2026-03-10T20:00'))).toBe(utc('2026-03-13T06:30'))
  })

  it('the next look is at the right hour also when summer time begins in between', () => {
    expect(nextOpeningCheckMs(shopHours(weekdays), utc('2026-03-27T20:00'))).toBe(utc('2026-03-30T05:30'))
    expect(nextOpeningCheckMs(shopHours(weekdays), utc('2026-10-23T20:00'))).toBe(utc('2026-10-26T06:30'))
  })

  it('times are told on the Location’s clock, in UTC where its zone is not known', () => {
    expect(clockWords('Europe/Berlin', utc('2026-03-10T13:02'), utc('2026-03-10T14:00'))).toBe('14:02')
    expect(clockWords('Europe/Berlin', utc('2026-03-09T13:02'), utc('2026-03-10T14:00'))).toBe(
      '2026-03-09 14:02',
    )
    expect(clockWords('Nowhere/Land', utc('2026-03-10T13:02'), utc('2026-03-10T14:00'))).toBe('13:02')
  })
})

describe('outside opening hours', () => {
  const calendar = { openings: weekdays, holidays: [] }
  const night = () => {
    const at = new Site({ config: { calendar }, startMs: utc('2026-03-10T20:00') })
    return at.settle().forget()
  }

  it('a terminal that is switched off opens nothing, until half an hour before opening', () => {
    const at = night()
    at.silent('pos-1')
    at.pass(utc('2026-03-11T06:29') - at.nowMs)
    expect(at.story).toEqual([])
    expect(at.view.devices.find(({ device }) => device.id === 'pos-1')).toMatchObject({ health: 'asleep' })
    at.pass(120_000)
    expect(at.story).toEqual(['opened pos-down'])
  })

  it('a terminal that is back before that opens nothing', () => {
    const at = night()
    at.silent('pos-1')
    at.pass(utc('2026-03-11T05:00') - at.nowMs)
    at.answers('pos-1')
    at.pass(utc('2026-03-11T12:00') - at.nowMs)
    expect(at.story).toEqual([])
  })

  it('the nightly reboot of a router opens nothing, its death does within minutes', () => {
    const at = night()
    at.gateway(false)
    at.pass(120_000)
    at.gateway(true)
    at.pass(60_000)
    expect(at.story).toEqual([])
    at.gateway(false)
    at.pass(310_000)
    expect(at.story).toEqual(['opened router-down'])
  })

  it('a fault of the day stays open over night', () => {
    const at = new Site({ config: { calendar }, startMs: utc('2026-03-10T15:00') }).settle().forget()
    at.silent('pos-1')
    at.pass(14 * 3_600_000)
    expect(at.story).toEqual(['opened pos-down'])
  })
})
