import { describe, expect, it } from 'vitest'
import { Site } from './testing/site.ts'

const parent = {
  key: 'px-test-aaaaaaaaaaaaaaaaaaaaaaaaaa',
  faultClass: 'provider-outage',
  headline: 'Outage at Example Net since 14:00: 240 Locations offline',
} as const
const goDark = (at: Site, forMs: number): Site => {
  at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
  at.pass(forMs)
  return at
}
const site = () => new Site({ hasBackupUplink: false }).settle().forget()

describe('the address that ties a Location to others', () => {
  it('is the appliance’s own word on its first way out, without waiting', () => {
    const at = site()
    const change = { type: 'public-address-changed', before: '198.51.100.7', after: '203.0.113.99' } as const
    at.see({ ...change, uplinkId: 'backup', evidence: [] })
    expect(at.state.tie.address).not.toBe('203.0.113.99')
    at.see({ ...change, uplinkId: 'primary', evidence: [] })
    expect(at.state.tie.address).toBe('203.0.113.99')
  })

  it('is the one that the birth names, wherever the connection came from', () => {
    const at = site()
    const [primary] = at.state.appliance?.uplinks ?? []
    if (primary === undefined) throw new Error('no way out')
    at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
    at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.77' })
    at.birth({ uplinks: [{ ...primary, publicAddress: '203.0.113.5' }] })
    at.pass(200_000)
    at.telemetry()
    expect(at.state.tie.address).toBe('203.0.113.5')
  })

  it('is not that of the second way out because a connection over it outlived the outage that made it', () => {
    const at = new Site().settle()
    at.pass(100_000)
    at.telemetry()
    expect(at.state.tie.address).toBe('198.51.100.7')
    at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
    at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '192.0.2.2' })
    at.wan('down')
    at.pass(600_000)
    at.wan('up')
    at.pass(120_000)
    at.telemetry()
    expect(at.state.tie.address).toBe('198.51.100.7')
    at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.9' })
    at.pass(120_000)
    at.telemetry()
    expect(at.state.tie.address).toBe('198.51.100.9')
  })
})

describe('the fleet’s word on a Location', () => {
  it('leaves an open Issue alone while it is a suspicion, and folds it in without a recovery once it is open', () => {
    const at = goDark(site(), 200_000)
    at.ingest({ type: 'fleet-judged', parent: { ...parent, isOpen: false } })
    expect(at.story).toEqual(['opened location-dark'])
    at.ingest({ type: 'fleet-judged', parent: { ...parent, isOpen: true } })
    const closed = at.incidents.find(({ change }) => change === 'closed')?.report
    expect(closed).toMatchObject({ state: 'closed', endedBy: 'folded' })
    expect(closed?.clearedAtMs).toBeUndefined()
    expect(closed?.headline).not.toContain('over since')
  })

  it('holds new Issues back while it is a suspicion, and lets them go with it', () => {
    const at = goDark(site(), 12_000)
    at.ingest({ type: 'fleet-judged', parent: { ...parent, isOpen: false } })
    at.pass(200_000)
    expect(at.last).toMatchObject({ faultClass: 'location-dark', issueHeldBy: 'fleet' })
    at.ingest({ type: 'fleet-judged', parent: null })
    expect(at.last.issueHeldBy).toBeUndefined()
  })

  it('may come after a Location knows what it was: a power cut waits for it, and is let go by another one', () => {
    const at = goDark(site(), 12_000)
    at.ingest({ type: 'fleet-judged', parent })
    at.pass(200_000)
    const cutAtMs = at.nowMs - 200_000
    at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
    at.birth()
    at.see({ type: 'verdict', cause: 'power-cut', fromMs: cutAtMs, toMs: at.nowMs, evidence: [] })
    expect(at.last).toMatchObject({ faultClass: 'power-cut', issueHeldBy: 'fleet' })
    expect(at.state.tie.hindsight).toBe('power-cut')
    at.pass(20_000)
    expect(at.last.state).toBe('recovering')
    at.ingest({ type: 'fleet-judged', parent: null })
    expect(at.last.issueHeldBy).toBeUndefined()
  })

  it('is owed what the darkness was also where the Location’s own incident ended in that of many', () => {
    const at = goDark(site(), 200_000)
    at.ingest({ type: 'fleet-judged', parent: { ...parent, isOpen: true } })
    const cutAtMs = at.nowMs - 200_000
    at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
    at.birth()
    at.pass(2_000)
    at.see({ type: 'verdict', cause: 'power-cut', fromMs: cutAtMs, toMs: at.nowMs, evidence: [] })
    const signals = at.effects.flatMap(({ effect }) =>
      effect.type === 'fleet-signal' ? [effect.signal] : [],
    )
    expect(signals.at(-1)).toMatchObject({ trouble: null, hindsight: 'power-cut' })
    goDark(at, 1_000)
    expect(at.state.tie.hindsight).toBeUndefined()
  })

  it('lets go of what a parent that turned into something else does not account for', () => {
    const at = goDark(site(), 12_000)
    at.ingest({ type: 'fleet-judged', parent })
    at.pass(200_000)
    at.ingest({ type: 'fleet-judged', parent: { ...parent, faultClass: 'processor-outage' } })
    expect(at.last).toMatchObject({ faultClass: 'location-dark', state: 'open' })
    expect(at.last.issueHeldBy).toBeUndefined()
  })
})
