import { describe, expect, it } from 'vitest'
import { Site } from './testing/site.ts'

const calm = (options = {}) => new Site(options).settle().forget()

/** The agent starts anew in an open connection. */
function restart(at: Site): void {
  at.bootEpoch += 1
  at.birth()
  at.see({ type: 'agent-started', previousEnd: 'killed', downMs: 4_000 })
}

describe('after a start or reconnect', () => {
  it('a Location is inventoried within seconds, because the core asks for those that should be there', () => {
    const at = new Site()
    at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
    at.birth()
    expect(at.view).toMatchObject({ isInventoried: false, sentence: 'Taking inventory of the network' })
    at.pass(2_000)
    expect(at.view).toMatchObject({ isInventoried: true, health: 'ok' })
    const asked = at.effects.flatMap(({ effect }) => (effect.type === 'probe' ? [effect.deviceId] : []))
    expect(asked).toEqual(['router', 'switch', 'pos-1', 'pos-2', 'printer-1'])
  })

  it('a device that is missing from the start holds back nothing longer than 60 s', () => {
    const at = calm()
    at.mute.add('pos-1')
    restart(at)
    at.silent('pos-1')
    at.pass(58_000)
    expect(at.story).toEqual([])
    at.pass(12_000)
    expect(at.story).toEqual(['opened pos-down'])
  })

  it('of the connection, root causes the running agent saw itself are not held', () => {
    const at = calm()
    at.carrier(false)
    at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
    at.pass(3_000)
    at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '203.0.113.9' })
    at.birth({
      uplinks: [
        { id: 'primary', kind: 'primary', interface: 'eth0', hasCarrier: false },
        { id: 'backup', kind: 'backup', interface: 'wwan0', hasCarrier: true },
      ],
    })
    at.gateway(false)
    at.pass(4_000)
    expect(at.story).toEqual(['opened router-down'])
  })

  it('of the connection again and again, absence is not held for ever', () => {
    const at = calm()
    at.silent('pos-1')
    for (let round = 0; round < 5 && at.story.length === 0; round += 1) {
      at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'will' })
      at.pass(7_000)
      at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
      at.pass(33_000)
    }
    expect(at.story).toEqual(['opened pos-down'])
  })

  it.each(['start', 'reconnect'] as const)(
    'of the connection, a %s that the ingest was away for does not shorten the hold',
    (kind) => {
      const at = calm()
      at.mute.add('pos-1')
      if (kind === 'start') restart(at)
      else at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
      at.nowMs += 3_600_000
      at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
      expect(at.state.hold).toMatchObject({
        kind: 'reconnect',
        startedMs: at.nowMs,
        untilMs: at.nowMs + 60_000,
      })
    },
  )

  it('of the connection, absence is held until the hold is over', () => {
    const at = calm()
    at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
    at.silent('pos-1', at.nowMs - 20_000)
    at.pass(50_000)
    expect(at.story).toEqual([])
    at.pass(20_000)
    expect(at.story).toEqual(['opened pos-down'])
  })

  it('updates, moves and ends of known incidents are not held', () => {
    const at = calm()
    at.silent('pos-1')
    at.pass(20_000)
    restart(at)
    at.answers('pos-1')
    at.pass(6_000)
    expect(at.story).toEqual(['opened pos-down', 'recovered pos-down'])
  })

  it('of the agent, what it said before stays but opens nothing until it is said again', () => {
    const at = calm()
    at.wan('down')
    at.bootEpoch += 1
    at.birth()
    at.pass(120_000)
    expect(at.story).toEqual([])
    at.wan('down')
    at.pass(10_000)
    expect(at.story).toEqual(['opened provider-down'])
  })

  it('of the agent, a whole window that works clears what it no longer knows of', () => {
    const at = calm()
    at.paypath('tcp')
    at.gateway(false)
    at.pass(20_000)
    expect(at.open).toEqual(['router-down router'])
    at.mute.delete('router')
    restart(at)
    at.pass(40_000)
    at.telemetry()
    at.pass(6_000)
    expect(at.story).toEqual(['opened router-down', 'recovered router-down'])
  })

  it('of the ingest, darkness that nobody could have heard end is judged anew', () => {
    const at = calm()
    at.ingest({ type: 'session-closed', applianceId: 'app-1', how: 'goodbye' })
    // The ingest is away for an hour; its overdue alarm clock rings at its start, the appliance comes 10 s later.
    at.nowMs += 3_600_000
    at.ingest({ type: 'woke' })
    at.pass(10_000)
    at.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
    at.pass(100_000)
    expect(at.story).toEqual([])
  })
})

describe('late and future points', () => {
  it.each([
    ['three minutes old', 180_000],
    ['ten minutes ahead', -600_000],
    ['a year ahead', -31_536_000_000],
  ])('a silence %s opens nothing by itself', (_name, agoMs) => {
    const at = calm()
    at.mute.add('pos-1')
    at.see({ type: 'device-silent', deviceId: 'pos-1', sinceMs: Math.max(0, at.nowMs - agoMs) }, agoMs)
    at.see(
      { type: 'gateway-changed', uplinkId: 'primary', isReachable: false, sinceMs: at.nowMs - agoMs },
      agoMs,
    )
    at.pass(300_000)
    expect(at.story).toEqual([])
  })

  it('a late silence is believed when the next batch shows it, and opens then', () => {
    const at = calm()
    at.mute.add('pos-1')
    at.see({ type: 'device-silent', deviceId: 'pos-1', sinceMs: at.nowMs - 180_000 }, 180_000)
    at.pass(30_000)
    at.telemetry()
    at.pass(15_000)
    expect(at.story).toEqual(['opened pos-down'])
  })

  it('a late answer clears nothing, a batch that began later does', () => {
    const at = calm()
    at.silent('pos-1')
    at.pass(300_000)
    at.see({ type: 'device-answered', deviceId: 'pos-1', silentMs: 1_000 }, 150_000)
    at.pass(30_000)
    expect(at.story).toEqual(['opened pos-down'])
    at.mute.delete('pos-1')
    at.telemetry()
    at.pass(10_000)
    expect(at.story).toEqual(['opened pos-down', 'recovered pos-down'])
  })

  it('a batch of the backlog changes nothing', () => {
    const at = calm()
    at.silent('pos-1')
    at.pass(100_000)
    at.mute.delete('pos-1')
    at.telemetry({ lane: 'backlog' })
    at.pass(60_000)
    expect(at.story).toEqual(['opened pos-down'])
  })

  it('a window that began before the silence does not disprove it', () => {
    const at = calm()
    at.silent('pos-1')
    at.mute.delete('pos-1')
    at.pass(2_000)
    at.telemetry()
    expect(at.state.deviceById.get('pos-1')?.state).toBe('bad')
  })

  it('a device nobody reported is missed after two empty windows', () => {
    const at = calm()
    at.mute.add('pos-1')
    at.telemetry()
    at.pass(30_000)
    expect(at.story).toEqual([])
    at.telemetry()
    at.pass(15_000)
    expect(at.story).toEqual(['opened pos-down'])
  })

  it('a message of an older start of the agent opens nothing', () => {
    const at = calm()
    at.bootEpoch -= 1
    at.gateway(false)
    at.pass(60_000)
    expect(at.story).toEqual([])
  })

  it('an appliance whose clock nobody set is judged by its birth: faults open, old ones do not', () => {
    const at = new Site({ clock: 'unsynced' })
    at.clockBehindMs = 50 * 365 * 86_400_000
    at.settle().forget()
    at.see(
      {
        type: 'gateway-changed',
        uplinkId: 'primary',
        isReachable: false,
        sinceMs: at.nowMs - at.clockBehindMs,
      },
      300_000,
    )
    at.pass(60_000)
    expect(at.story).toEqual([])
    at.gateway(false)
    at.pass(10_000)
    expect(at.story).toEqual(['opened router-down'])
    expect(Math.abs(at.last.startedAtMs - at.last.openedAtMs)).toBeLessThan(10_000)
  })
})
