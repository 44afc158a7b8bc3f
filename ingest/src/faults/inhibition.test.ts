import { describe, expect, it } from 'vitest'
import { Site } from './testing/site.ts'

const calm = (options = {}) => new Site(options).settle().forget()

describe('a child before its parent', () => {
  it('is not opened while the router fails the probe, and ends among the affected', () => {
    const at = calm()
    at.mute.add('router')
    at.silent('pos-1')
    at.pass(9_000)
    expect(at.story).toEqual([])
    at.gateway(false)
    at.pass(60_000)
    expect(at.story).toEqual(['opened router-down'])
    expect(at.last.affectedDeviceIds).toContain('pos-1')
  })

  it('makes the router’s silence a fault of its own when two probes in a row show it', () => {
    const at = calm()
    at.silent('pos-1')
    at.mute.add('router')
    at.pass(60_000)
    expect(at.story).toEqual(['opened router-down'])
    expect(at.last.rootDeviceId).toBe('router')
  })

  it('is opened when the parent cannot be probed: an unknown parent never inhibits', () => {
    const at = calm()
    at.areProbesUnavailable = true
    at.silent('pos-1')
    at.pass(30_000)
    expect(at.story).toEqual(['opened pos-down'])
    expect(at.last.reasons.map(({ text }) => text).join()).not.toContain('when probed now')
  })

  it('is opened without any answer to the probe, after its deadline', () => {
    const at = calm()
    at.silent('pos-1')
    at.dropProbes = true
    at.pass(30_000)
    expect(at.story).toEqual(['opened pos-down'])
  })

  it('is opened where no router is known', () => {
    const at = new Site({ devices: new Site().devices.filter(({ id }) => id !== 'router') }).settle().forget()
    at.silent('pos-1')
    at.pass(30_000)
    expect(at.story).toEqual(['opened pos-down'])
  })

  it('that was opened already becomes the parent’s incident: one cause, one Issue', () => {
    const at = calm()
    at.silent('pos-1')
    at.pass(15_000)
    expect(at.story).toEqual(['opened pos-down'])
    const { key } = at.last
    at.gateway(false, 15_000)
    at.pass(30_000)
    expect(at.story).toEqual(['opened pos-down', 'moved router-down'])
    expect(at.last).toMatchObject({ key, rootDeviceId: 'router', rootRole: 'router' })
    expect(at.last.affectedDeviceIds).toContain('pos-1')
  })

  it('of long ago stays a fault of its own when the router fails later', () => {
    const at = calm()
    at.silent('pos-1')
    at.pass(600_000)
    at.gateway(false)
    at.pass(30_000)
    expect(at.story).toEqual(['opened pos-down', 'opened router-down'])
    at.gateway(true)
    at.pass(600_000)
    expect(at.open).toEqual(['pos-down pos-1'])
  })

  it('in numbers ends in one incident of the switch, even when the agent’s rounds are far apart', () => {
    const at = calm()
    for (const id of ['pos-2', 'printer-1', 'switch']) at.mute.add(id)
    at.silent('pos-1')
    at.pass(9_900)
    at.silent('pos-2')
    at.pass(20_000)
    at.silent('printer-1')
    at.silent('switch')
    at.pass(60_000)
    expect(at.story.filter((line) => line.startsWith('opened'))).toEqual(['opened switch-down'])
    expect(at.open).toEqual(['switch-down switch'])
  })

  it('opened as a single terminal moves to the switch when the others follow', () => {
    const at = calm({ devices: new Site().devices.filter(({ id }) => id !== 'switch') })
    at.silent('pos-1')
    at.pass(12_000)
    expect(at.story).toEqual(['opened pos-down'])
    const { key } = at.last
    at.silent('pos-2')
    at.silent('printer-1')
    at.pass(60_000)
    expect(at.story.slice(0, 2)).toEqual(['opened pos-down', 'moved switch-down'])
    expect(at.last).toMatchObject({ key, rootRole: 'switch' })
    expect(at.last.affectedDeviceIds).toEqual(['pos-1', 'pos-2', 'printer-1'])
  })
})

describe('what suffers from a nearer fault', () => {
  it.each([
    ['the WAN', 'provider-down', (at: Site) => at.wan('down', { firstHop: false, wanLink: true })],
    ['the DNS', 'dns-failing', (at: Site) => at.dns(false)],
  ])('%s explains a failing payment path, whichever comes first', (_name, cause, happens) => {
    for (const order of [0, 1]) {
      const at = calm()
      if (order === 0) happens(at)
      at.paypath('dns')
      at.pass(2_000)
      if (order === 1) happens(at)
      at.pass(60_000)
      expect(at.story).toEqual([`opened ${cause}`])
    }
  })

  it('does not include a processor whose name is resolved while a resolver fails', () => {
    const at = calm()
    at.dns(false)
    at.paypath('tcp')
    at.pass(60_000)
    expect(at.story).toEqual(['opened payment-path-failing', 'opened dns-failing'])
  })

  it('does not include what began long before', () => {
    const at = calm()
    at.paypath('tls')
    at.pass(120_000)
    at.wan('down')
    at.pass(60_000)
    expect(at.story).toEqual(['opened payment-path-failing', 'opened provider-down'])
  })

  it('is measured on, and clears, while its parent’s incident is open', () => {
    const at = calm()
    at.silent('pos-1')
    at.pass(100_000)
    at.wan('down')
    at.pass(20_000)
    at.answers('pos-1')
    at.pass(10_000)
    expect(at.story).toEqual(['opened pos-down', 'opened provider-down', 'recovered pos-down'])
  })

  it('and is still down after its parent recovered becomes a fault of its own', () => {
    const at = calm()
    at.gateway(false)
    at.silent('pos-1', at.nowMs)
    at.pass(30_000)
    at.gateway(true)
    at.pass(100_000)
    expect(at.story).toEqual(['opened router-down', 'recovered router-down'])
    at.pass(60_000)
    expect(at.open).toEqual(['pos-down pos-1', 'router-down router'])
    expect(new Set(at.incidents.map(({ report }) => report.key)).size).toBe(2)
  })

  it('ends with the address conflict that causes it', () => {
    const at = calm()
    const conflict = {
      type: 'ip-conflict',
      ip: '192.0.2.3',
      macs: ['00:31:92:00:00:03', '00:31:92:00:00:08'],
    } as const
    at.see({ ...conflict, macs: [...conflict.macs], isActive: true })
    at.pass(2_000)
    at.silent('pos-1')
    at.pass(60_000)
    expect(at.story).toEqual(['opened ip-conflict'])
    at.see({ ...conflict, macs: [...conflict.macs], isActive: false })
    at.answers('pos-1')
    at.pass(400_000)
    expect(at.open).toEqual([])
  })

  it('names the wire that came to be known later: no link at the WAN port', () => {
    const at = calm()
    at.wan('down', { firstHop: false, wanLink: null })
    at.pass(10_000)
    at.wan('down', { firstHop: false, wanLink: false })
    at.pass(10_000)
    expect(at.story).toEqual(['opened provider-down', 'moved wan-link-down'])
  })
})
