import { describe, expect, it } from 'vitest'
import { Site } from './testing/site.ts'

const dark = () => {
  const at = new Site({ hasBackupUplink: false }).settle().forget()
  at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
  at.pass(200_000)
  expect(at.story).toEqual(['opened location-dark'])
  return at
}
const back = (at: Site): void => {
  at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
  at.birth()
}
const rebooted = (at: Site, previousEnd: 'power-loss' | 'killed' | 'clean'): void => {
  at.bootEpoch += 1
  back(at)
  at.see({ type: 'agent-started', previousEnd, downMs: 200_000 })
}

describe('a dark Location explained afterwards', () => {
  it.each([
    ['router-down', 'router', 'router'],
    ['wan-link-down', 'router', 'router'],
    ['provider-down', undefined, 'internet'],
    ['power-cut', undefined, 'power'],
    ['appliance-cable', undefined, 'appliance'],
    ['appliance-down', undefined, 'appliance'],
    ['cloud-unreachable', undefined, 'internet'],
    ['dns-failing', undefined, 'internet'],
  ] as const)('by the verdict %s gets its cause and its owner in the same incident', (cause, root, role) => {
    const at = dark()
    const { key } = at.last
    back(at)
    at.pass(3_000)
    at.see({ type: 'verdict', cause, fromMs: at.nowMs - 220_000, toMs: at.nowMs - 5_000 })
    expect(at.story.at(-1)).toBe(`moved ${cause}`)
    expect(at.last).toMatchObject({ key, rootRole: role })
    expect(at.last.rootDeviceId).toBe(root)
    expect(at.last.reasons.some(({ text }) => text.startsWith('Seen on site:'))).toBe(true)
    at.pass(400_000)
    expect(at.story.at(-1)).toBe(`closed ${cause}`)
    expect(at.open).toEqual([])
  })

  const told: readonly [name: string, tell: (at: Site) => void, cause: string][] = [
    ['the agent lost its power', (at) => rebooted(at, 'power-loss'), 'power-cut'],
    [
      'the agent lost its power, the router ran on',
      (at) => {
        rebooted(at, 'power-loss')
        at.telemetry({ routerUptimeSeconds: 900_000 })
      },
      'appliance-down',
    ],
    ['the agent was killed', (at) => rebooted(at, 'killed'), 'appliance-down'],
    [
      'the gateway did not answer',
      (at) => {
        back(at)
        at.gateway(false, 215_000)
        at.wan('down', { agoMs: 214_000 })
        at.gateway(true, 10_000)
        at.wan('up', { agoMs: 5_000 })
      },
      'router-down',
    ],
    [
      'the carrier was lost and the router restarted',
      (at) => {
        back(at)
        at.carrier(false, 215_000)
        at.carrier(true, 60_000)
        at.see({ type: 'device-restarted', deviceId: 'router', uptimeMs: 50_000 })
      },
      'router-down',
    ],
    [
      'the carrier was lost and the router ran on',
      (at) => {
        back(at)
        at.carrier(false, 215_000)
        at.carrier(true, 10_000)
        at.telemetry({ routerUptimeSeconds: 900_000 })
      },
      'appliance-cable',
    ],
    [
      'the router answered, its WAN port had no link',
      (at) => {
        back(at)
        at.wan('down', { wanLink: false, agoMs: 215_000 })
        at.wan('up', { agoMs: 10_000 })
      },
      'wan-link-down',
    ],
    [
      'the router answered, its WAN port had a link',
      (at) => {
        back(at)
        at.wan('down', { wanLink: true, agoMs: 215_000 })
        at.wan('up', { agoMs: 10_000 })
      },
      'provider-down',
    ],
  ]
  it.each(told)('without a verdict in time: %s', (_name, tell, cause) => {
    const at = dark()
    const { key } = at.last
    tell(at)
    const backMs = at.nowMs
    at.pass(30_000)
    const moved = at.incidents.find(({ change }) => change === 'moved')
    expect(moved?.report).toMatchObject({ key, faultClass: cause })
    expect((moved?.atMs ?? Number.POSITIVE_INFINITY) - backMs).toBeLessThanOrEqual(60_000)
    at.pass(600_000)
    expect(at.open).toEqual([])
    expect(at.story.filter((line) => line.startsWith('opened'))).toHaveLength(1)
  })

  it('waits for its explanation 60 s even where the lab is content after 20 s', () => {
    const at = new Site({ profile: 'lab', hasBackupUplink: false }).settle().forget()
    at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
    at.pass(40_000)
    back(at)
    at.pass(50_000)
    at.see({ type: 'verdict', cause: 'power-cut', fromMs: at.nowMs - 90_000, toMs: at.nowMs - 50_000 })
    expect(at.story).toEqual([
      'opened location-dark',
      'recovered location-dark',
      'moved power-cut',
      'closed power-cut',
    ])
  })

  it('stays "cause unknown" where the site saw nothing wrong', () => {
    const at = dark()
    back(at)
    at.pass(400_000)
    expect(at.story).toEqual(['opened location-dark', 'recovered location-dark', 'closed location-dark'])
  })

  it('does not blame terminals that still boot after a power cut', () => {
    const at = dark()
    for (const id of ['pos-1', 'pos-2', 'printer-1']) at.mute.add(id)
    rebooted(at, 'power-loss')
    at.see({ type: 'verdict', cause: 'power-cut', fromMs: at.nowMs - 210_000, toMs: at.nowMs - 1_000 })
    at.pass(8_000)
    for (const id of ['pos-1', 'pos-2', 'printer-1']) at.silent(id)
    at.pass(70_000)
    for (const id of ['pos-1', 'pos-2', 'printer-1']) at.answers(id)
    at.pass(400_000)
    expect(at.story.filter((line) => line.startsWith('opened'))).toEqual(['opened location-dark'])
  })

  it('by a verdict of another time is not explained', () => {
    const at = dark()
    back(at)
    at.see({ type: 'verdict', cause: 'power-cut', fromMs: at.nowMs - 7_200_000, toMs: at.nowMs - 7_100_000 })
    expect(at.story).not.toContain('moved power-cut')
  })

  it('explained by a power cut stays so when the next verdict begins where that one ended', () => {
    const at = dark()
    back(at)
    const [fromMs, powerMs, toMs] = [at.nowMs - 220_000, at.nowMs - 60_000, at.nowMs - 5_000]
    at.see({ type: 'verdict', cause: 'power-cut', fromMs, toMs: powerMs })
    at.see({ type: 'verdict', cause: 'router-down', fromMs: powerMs, toMs })
    at.pass(10_000)
    expect(at.last.faultClass).toBe('power-cut')
  })

  it('of a box that lost its power waits for the uptime of a router that tells it', () => {
    const at = new Site({ hasBackupUplink: false }).settle()
    at.telemetry({ routerUptimeSeconds: 900_000 })
    at.forget()
    at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
    at.pass(200_000)
    rebooted(at, 'power-loss')
    at.pass(35_000)
    expect(at.last.faultClass).toBe('location-dark')
    at.telemetry({ routerUptimeSeconds: 900_235 })
    expect(at.last.faultClass).toBe('appliance-down')
  })

  it('explained by a power cut stays so when the line still trains after the reconnect', () => {
    const at = dark()
    back(at)
    const backMs = at.nowMs
    at.see({ type: 'verdict', cause: 'power-cut', fromMs: backMs - 200_000, toMs: backMs - 7_000 })
    at.wan('down')
    at.pass(2_000)
    at.wan('up')
    at.see({ type: 'verdict', cause: 'provider-down', fromMs: backMs - 500, toMs: at.nowMs })
    at.pass(400_000)
    expect(at.story.filter((line) => line.startsWith('moved'))).toEqual(['moved power-cut'])
    expect(at.open).toEqual([])
  })

  it('of an agent that was killed in the middle is moved on to what kept the Location dark', () => {
    const at = dark()
    back(at)
    const backMs = at.nowMs
    at.see({ type: 'verdict', cause: 'appliance-down', fromMs: backMs - 190_000, toMs: backMs - 180_000 })
    at.see({ type: 'verdict', cause: 'wan-link-down', fromMs: backMs - 170_000, toMs: backMs })
    expect(at.story.filter((line) => line.startsWith('moved'))).toEqual([
      'moved appliance-down',
      'moved wan-link-down',
    ])
  })

  it('that goes dark again before it stayed well is the same incident', () => {
    const at = dark()
    back(at)
    at.see({ type: 'verdict', cause: 'router-down', fromMs: at.nowMs - 210_000, toMs: at.nowMs - 1_000 })
    at.pass(60_000)
    at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
    at.pass(120_000)
    expect(at.open).toHaveLength(1)
    expect(at.story.filter((line) => line.startsWith('opened'))).toHaveLength(1)
    expect(at.last.state).toBe('open')
    back(at)
    at.see({ type: 'verdict', cause: 'power-cut', fromMs: at.nowMs - 120_000, toMs: at.nowMs - 1_000 })
    expect(at.story.at(-1)).toBe('moved power-cut')
  })

  it('whose backup comes up at last is moved to what the agent sees now', () => {
    const at = dark()
    const { key } = at.last
    back(at)
    at.gateway(false)
    at.pass(10_000)
    expect(at.story).toEqual(['opened location-dark', 'moved router-down'])
    expect(at.last).toMatchObject({ key, state: 'open' })
  })
})

describe('a cable taken for a router', () => {
  it('is moved to the cable when the carrier is back and the router’s uptime is unbroken', () => {
    const at = new Site().settle().forget()
    at.carrier(false)
    at.gateway(false)
    at.pass(30_000)
    const { key } = at.last
    at.carrier(true)
    at.gateway(true)
    at.pass(10_000)
    // This window holds a reading from before the cable was pulled: it proves nothing.
    at.telemetry({ routerUptimeSeconds: 86_350 })
    expect(at.story).toEqual(['opened router-down', 'recovered router-down'])
    at.pass(30_000)
    at.telemetry({ routerUptimeSeconds: 86_400 })
    expect(at.story).toEqual(['opened router-down', 'recovered router-down', 'moved appliance-cable'])
    expect(at.last).toMatchObject({ key, rootRole: 'appliance', affectedDeviceIds: [] })
  })

  it('stays with the router when it restarted', () => {
    const at = new Site().settle().forget()
    at.carrier(false)
    at.pass(60_000)
    at.carrier(true)
    at.gateway(true)
    at.pass(20_000)
    at.telemetry({ routerUptimeSeconds: 40 })
    at.pass(400_000)
    expect(at.story).toEqual(['opened router-down', 'recovered router-down', 'closed router-down'])
    expect(at.last.reasons.map(({ text }) => text)).toContain('By its own uptime the router restarted')
  })

  it('stays with the router when its line trains for a while after the restart', () => {
    const at = new Site().settle().forget()
    at.carrier(false)
    at.gateway(false)
    at.pass(60_000)
    at.carrier(true)
    at.gateway(true)
    const backMs = at.nowMs
    at.see({ type: 'verdict', cause: 'router-down', fromMs: backMs - 60_000, toMs: backMs })
    at.pass(15_000)
    at.see({ type: 'verdict', cause: 'provider-down', fromMs: backMs + 4_000, toMs: backMs + 12_000 })
    at.pass(400_000)
    expect(at.story.filter((line) => line.startsWith('moved'))).toEqual([])
  })

  it('stays with a router that hung without losing the carrier', () => {
    const at = new Site().settle().forget()
    at.gateway(false)
    at.pass(60_000)
    at.gateway(true)
    at.telemetry({ routerUptimeSeconds: 86_400 })
    at.pass(400_000)
    expect(at.story).toEqual(['opened router-down', 'recovered router-down', 'closed router-down'])
  })
})

describe('darkness with a known cause', () => {
  it('opens nothing beside the router’s incident when the backup dies too', () => {
    const at = new Site().settle().forget()
    at.gateway(false)
    at.pass(30_000)
    at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
    at.pass(600_000)
    expect(at.story).toEqual(['opened router-down'])
  })
})
