import { describe, expect, it } from 'vitest'
import { Site } from './testing/site.ts'

const calm = (options = {}) => new Site(options).settle().forget()

const behindSwitch = ['pos-1', 'pos-2', 'printer-1']

describe('recovery', () => {
  it.each([
    ['router-down', (at: Site) => at.gateway(false), (at: Site) => at.gateway(true)],
    ['router-down', (at: Site) => at.carrier(false), (at: Site) => at.carrier(true)],
    ['provider-down', (at: Site) => at.wan('down'), (at: Site) => at.wan('up')],
    ['dns-failing', (at: Site) => at.dns(false), (at: Site) => at.dns(true)],
    ['payment-path-failing', (at: Site) => at.paypath('tls'), (at: Site) => at.paypath('none')],
    ['pos-down', (at: Site) => at.silent('pos-1'), (at: Site) => at.answers('pos-1')],
    ['device-down', (at: Site) => at.silent('printer-1'), (at: Site) => at.answers('printer-1')],
    [
      'switch-down',
      (at: Site) => behindSwitch.forEach((id) => void at.silent(id)),
      (at: Site) => behindSwitch.forEach((id) => void at.answers(id)),
    ],
    [
      'location-dark',
      (at: Site) => at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' }),
      (at: Site) =>
        at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' }),
    ],
  ])('%s opens, recovers, stays well and closes with one key', (cause, fails, heals) => {
    const at = calm()
    fails(at)
    at.pass(90_000)
    heals(at)
    at.pass(400_000)
    expect(at.story).toEqual([`opened ${cause}`, `recovered ${cause}`, `closed ${cause}`])
    expect(new Set(at.incidents.map(({ report }) => report.key)).size).toBe(1)
    expect(at.last).toMatchObject({ state: 'closed' })
    expect(at.last.clearedAtMs).toBeLessThan(at.last.closedAtMs ?? 0)
    expect(at.core.wakeAtMs(at.state)).toBeNull()
  })

  it('takes 20 s of calm in the lab', () => {
    const at = calm({ profile: 'lab' })
    at.gateway(false)
    at.pass(20_000)
    at.gateway(true)
    at.pass(21_000)
    expect(at.story).toEqual(['opened router-down', 'recovered router-down', 'closed router-down'])
  })

  it('that does not last is a relapse of the same incident', () => {
    const at = calm()
    at.gateway(false)
    at.pass(20_000)
    at.gateway(true)
    at.pass(60_000)
    at.gateway(false)
    at.pass(20_000)
    expect(at.story).toEqual(['opened router-down', 'recovered router-down', 'updated router-down'])
    expect(at.last.state).toBe('open')
    expect(new Set(at.incidents.map(({ report }) => report.key)).size).toBe(1)
  })

  it('in a word that is taken back at once does not happen', () => {
    const at = calm()
    at.gateway(false)
    at.pass(20_000)
    at.gateway(true)
    at.pass(2_000)
    at.gateway(false)
    at.pass(60_000)
    expect(at.story).toEqual(['opened router-down'])
  })

  it('of a flapping terminal counts only when it has been stable for good, and says so', () => {
    const at = calm()
    for (let round = 0; round < 6; round += 1) {
      at.silent('pos-1')
      at.pass(30_000)
      at.answers('pos-1')
      at.pass(60_000)
    }
    expect(at.story.filter((line) => line === 'opened pos-down')).toHaveLength(1)
    expect(at.last.reasons.some(({ text }) => text.includes('keeps coming and going'))).toBe(true)
    at.pass(400_000)
    expect(at.open).toEqual(['pos-down pos-1'])
    at.pass(500_000)
    expect(at.open).toEqual([])
    expect(new Set(at.incidents.map(({ report }) => report.key)).size).toBe(1)
  })

  it('a fault after the end has another key', () => {
    const at = calm()
    for (let round = 0; round < 2; round += 1) {
      at.silent('pos-1')
      at.pass(30_000)
      at.answers('pos-1')
      at.pass(400_000)
    }
    const keys = at.incidents.filter(({ change }) => change === 'opened').map(({ report }) => report.key)
    expect(new Set(keys).size).toBe(2)
  })

  it('does not come from silence of the appliance itself', () => {
    const at = calm()
    at.silent('pos-1')
    at.pass(30_000)
    at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
    at.pass(3_600_000)
    expect(at.open).toEqual(['location-dark location', 'pos-down pos-1'])
  })

  it('of a Location that was removed ends all its incidents at once', () => {
    const at = calm()
    at.silent('pos-1')
    at.paypath('tcp')
    at.pass(30_000)
    at.ingest({ type: 'location-removed' })
    expect(at.story.slice(2)).toEqual(['closed pos-down', 'closed payment-path-failing'])
    expect(at.state.devices).toEqual([])
  })
})
