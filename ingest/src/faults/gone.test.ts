import { describe, expect, it } from 'vitest'
import { device, Site, shop } from './testing/site.ts'

const missed = (): Site => {
  const at = new Site().settle().forget()
  at.silent('pos-1')
  at.pass(20_000)
  return at
}
const without = shop.filter(({ id }) => id !== 'pos-1')
const config = {
  locationId: 'loc-1',
  name: 'Bakery',
  timeZone: 'Europe/Berlin',
  calendar: { openings: [], holidays: [] },
  hasBackupUplink: true,
}

describe('a device that is missed', () => {
  it('stays missed when the inventory forgets it, and its incident ends when it is back', () => {
    const at = missed()
    at.birth({ devices: without })
    at.pass(86_400_000)
    expect(at.open).toEqual(['pos-down pos-1'])
    at.answers('pos-1')
    at.pass(600_000)
    expect(at.open).toEqual([])
    at.birth({ devices: without })
    expect(at.view.devices.map(({ device }) => device.id)).not.toContain('pos-1')
  })

  it('under another id is not missed under its old one', () => {
    const at = missed()
    const again = device('pos-1-new', 30, 'pos-terminal', { macs: ['00:31:92:00:00:03'] })
    at.birth({ devices: [...without, again] })
    at.pass(10_000)
    expect(at.open).toEqual([])
    expect(at.last.reasons.at(-1)?.text).toBe('It is listed as pos-1-new now')
  })

  it('and is the router is over when its gateway address answers again, and the new one opens nothing', () => {
    const at = new Site().settle().forget()
    at.gateway(false)
    at.pass(60_000)
    const next = device('router-b', 40, 'router', { isGateway: true, ips: ['192.0.2.1'] })
    at.see({
      type: 'device-replaced',
      before: { deviceId: 'router' },
      after: { deviceId: 'router-b' },
      evidence: [],
    })
    at.birth({ devices: [next, ...shop.filter(({ id }) => id !== 'router')] })
    at.pass(30_000)
    expect(at.open).toHaveLength(1)
    at.gateway(true)
    at.pass(400_000)
    expect(at.open).toEqual([])
    expect(at.story.filter((line) => line.startsWith('opened'))).toEqual(['opened router-down'])
  })

  it('that turned out to be another one is not missed under the id that is gone', () => {
    const at = missed()
    at.see({ type: 'devices-merged', deviceId: 'pos-2', goneId: 'pos-1', evidence: [] })
    at.birth({ devices: without })
    at.pass(10_000)
    expect(at.open).toEqual([])
    expect(at.last.reasons.at(-1)?.text).toBe('It is listed as pos-2 now')
    at.see({ type: 'devices-merged', deviceId: 'nobody', goneId: 'pos-2', evidence: [] })
    expect(at.view.devices.map(({ device }) => device.id)).toContain('pos-2')
  })

  it('that a person calls gone for good is not missed any more', () => {
    const at = missed()
    at.ingest({
      type: 'location-configured',
      config: { ...config, devices: { 'pos-1': { isRetired: true } } },
    })
    at.pass(3_600_000)
    expect(at.open).toEqual([])
    expect(at.last.reasons.at(-1)?.text).toBe('pos-1 was called gone for good')
    expect(at.view.health).toBe('ok')
  })
})
