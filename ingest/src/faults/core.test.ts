import { describe, expect, it } from 'vitest'
import { Site } from './testing/site.ts'

const site = (options = {}) => new Site(options).settle().forget()

describe('the router is down', () => {
  it('opens one incident of the router within seconds, lists the terminals and opens nothing for them', () => {
    const at = site()
    at.carrier(false)
    at.pass(500)
    at.gateway(false)
    at.wan('down', { firstHop: false, wanLink: null })
    at.pass(3_000)
    for (const id of ['pos-1', 'pos-2', 'pos-3', 'printer-1', 'office-1', 'switch']) at.silent(id)
    at.paypath('tcp')
    at.pass(60_000)
    expect(at.story).toEqual(['opened router-down'])
    expect(at.incidents[0]?.atMs).toBeLessThanOrEqual(at.nowMs - 58_000)
    expect(at.last.affectedDeviceIds).toEqual(['office-1', 'pos-1', 'pos-2', 'pos-3', 'printer-1', 'switch'])
    expect(at.last).toMatchObject({ rootDeviceId: 'router', rootRole: 'router', severity: 'critical' })
    expect(at.view.sentence).toBe('Router unreachable since 14:10; 3 terminals affected, not at fault')
    expect(at.view).toMatchObject({ health: 'down', payability: 'not-payable' })
    expect(at.view.devices.find(({ device }) => device.id === 'pos-1')).toMatchObject({
      health: 'unknown',
      explainedBy: 'Router unreachable since 14:10',
    })
  })

  it('recovers, stays well for five minutes, closes', () => {
    const at = site()
    at.gateway(false)
    at.pass(30_000)
    at.gateway(true)
    at.pass(299_000)
    expect(at.story).toEqual(['opened router-down', 'recovered router-down'])
    at.pass(6_000)
    expect(at.story).toEqual(['opened router-down', 'recovered router-down', 'closed router-down'])
    expect(at.state.incidents).toEqual([])
    expect(at.view.sentence).toMatch(/^All is well/)
  })
})

describe('one terminal is down', () => {
  it('opens an incident of that terminal after router and terminal were probed', () => {
    const at = site()
    at.silent('pos-1')
    at.pass(7_000)
    expect(at.story).toEqual([])
    at.pass(4_000)
    expect(at.story).toEqual(['opened pos-down'])
    expect(at.last).toMatchObject({
      rootDeviceId: 'pos-1',
      rootRole: 'pos-terminal',
      headline: 'pos-1 unreachable since 14:10',
    })
    expect(
      at.effects
        .filter(({ effect }) => effect.type === 'probe')
        .map(({ effect }) => effect.type === 'probe' && effect.deviceId),
    ).toContain('router')
    expect(at.view.payability).toBe('degraded')
  })

  it('opens nothing when it answers again within the hold (restart, roaming)', () => {
    const at = site()
    at.silent('pos-1')
    at.pass(5_000)
    at.mute.delete('pos-1')
    at.pass(6_000)
    at.answers('pos-1')
    at.pass(60_000)
    expect(at.story).toEqual([])
  })
})

describe('the Location is dark', () => {
  it('opens one incident 32 s after the connection broke and tells the cause after the reconnect in the same one', () => {
    const at = site({ hasBackupUplink: false })
    at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
    at.pass(31_000)
    expect(at.story).toEqual([])
    at.pass(2_000)
    expect(at.story).toEqual(['opened location-dark'])
    const key = at.last.key
    expect(at.last).toMatchObject({
      rootRole: 'router',
      headline: 'Location dark since 14:09: router, provider or power',
    })
    expect(at.view).toMatchObject({ health: 'dark', payability: 'unknown', isOnline: false })
    at.pass(300_000)
    at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
    at.birth()
    at.gateway(false, 320_000)
    at.gateway(true, 5_000)
    at.see({ type: 'verdict', cause: 'router-down', fromMs: at.nowMs - 340_000, toMs: at.nowMs - 5_000 })
    at.pass(20_000)
    expect(at.story).toEqual(['opened location-dark', 'moved router-down', 'recovered router-down'])
    expect(at.last).toMatchObject({ key, rootDeviceId: 'router', rootRole: 'router' })
  })
})
