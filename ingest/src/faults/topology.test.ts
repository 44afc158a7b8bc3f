import { describe, expect, it } from 'vitest'
import { parseState, stateBytes } from './serialize.ts'
import { device, Site } from './testing/site.ts'

/** A big shop: two switches with tables, an access point behind one of them, and tills on each; two tills on the router itself. */
const on = (deviceId: string, port?: number) => ({
  attachedTo: { deviceId, ...(port === undefined ? {} : { port }) },
})
const till = (name: string, alias: number, more = {}) => device(name, alias, 'pos-terminal', more)
const devices = [
  device('router', 1, 'router', { isGateway: true }),
  device('sw-a', 2, 'switch'),
  device('sw-b', 3, 'switch', on('sw-a', 8)),
  device('ap', 4, 'access-point', on('sw-a', 7)),
  till('a1', 10, on('sw-a', 1)),
  till('a2', 11, on('sw-a', 2)),
  till('b1', 12, on('sw-b', 1)),
  till('b2', 13, on('sw-b', 2)),
  till('b3', 14, on('sw-b', 3)),
  till('w1', 15, on('ap')),
  till('r1', 16),
  till('r2', 17),
  ...Array.from({ length: 8 }, (_, index) => till(`r${index + 3}`, 18 + index)),
]
const shop = () => new Site({ devices }).settle().forget()
const opened = (at: Site) =>
  at.incidents
    .filter(({ change }) => change === 'opened')
    .map(({ report }) => `${report.faultClass} ${report.rootDeviceId}`)

describe('a switch whose tables are known', () => {
  it('explains the one terminal behind it, in a shop full of others that answer', () => {
    const at = shop()
    at.silent('w1')
    at.pass(1_000)
    at.silent('ap')
    at.pass(120_000)
    expect(opened(at)).toEqual(['switch-down ap'])
    expect(at.last).toMatchObject({ rootRole: 'access-point', affectedDeviceIds: ['w1'] })
    for (const id of ['ap', 'w1']) at.answers(id)
    at.pass(600_000)
    expect(at.open).toEqual([])
  })

  it('is asked before the Issue of a terminal behind it, and takes its place when it is silent twice', () => {
    const at = shop()
    for (const id of ['ap', 'w1']) at.mute.add(id)
    at.silent('w1')
    at.pass(60_000)
    expect(opened(at)).toEqual(['switch-down ap'])
  })

  it('that answers is named as answering, and the terminal has an Issue of its own', () => {
    const at = shop()
    at.silent('w1')
    at.pass(60_000)
    expect(opened(at)).toEqual(['pos-down w1'])
    expect(at.last.reasons.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['ap answers when probed now', 'The router answers when probed now']),
    )
  })

  it('that cannot be asked holds nothing back', () => {
    const at = shop()
    at.areProbesUnavailable = true
    at.silent('w1')
    at.pass(60_000)
    expect(opened(at)).toEqual(['pos-down w1'])
  })

  it('takes the switch behind it along: one cause for all of both, whichever is told first', () => {
    const all = ['b1', 'ap', 'sw-b', 'a1', 'w1', 'b2', 'sw-a', 'a2', 'b3']
    for (const order of [all, all.toReversed()]) {
      const at = shop()
      for (const id of all) at.mute.add(id)
      for (const id of order) {
        at.silent(id)
        at.pass(700)
      }
      at.pass(120_000)
      expect(opened(at)).toEqual(['switch-down sw-a'])
      expect(at.last.affectedDeviceIds).toEqual([...all].filter((id) => id !== 'sw-a').sort())
    }
  })

  it('does not account for what was silent an hour before it', () => {
    const at = shop()
    at.silent('w1')
    at.pass(3_600_000)
    at.silent('ap')
    at.pass(120_000)
    expect(opened(at)).toEqual(['pos-down w1', 'device-down ap'])
  })

  it('keeps terminals on different switches that answer apart, though they fall silent together', () => {
    const few = devices.filter(({ id }) => !/^(?:r\d|ap|w1|a2|b2|b3)$/.test(id))
    const at = new Site({ devices: few }).settle().forget()
    at.silent('a1')
    at.silent('b1')
    at.pass(120_000)
    expect(opened(at).sort()).toEqual(['pos-down a1', 'pos-down b1'])
  })

  it('is at fault, answering or not, when most of what hangs on it falls silent together', () => {
    const at = shop()
    for (const id of ['b1', 'b2', 'b3']) at.silent(id)
    at.pass(120_000)
    expect(opened(at)).toEqual(['switch-down sw-b'])
  })

  it('that is gone from the inventory, or tables that go in a circle, inhibit nothing', () => {
    const odd = devices.map((one) =>
      one.id === 'sw-a' ? { ...one, ...on('sw-b', 1) } : one.id === 'w1' ? { ...one, ...on('nobody') } : one,
    )
    const at = new Site({ devices: odd }).settle().forget()
    at.silent('w1')
    at.pass(60_000)
    expect(opened(at)).toEqual(['pos-down w1'])
    for (const id of ['sw-a', 'sw-b', 'a1', 'b1']) at.silent(id)
    at.pass(120_000)
    expect(opened(at)).toHaveLength(2)
  })

  it('is remembered with the state', () => {
    const { devices: read } = parseState(stateBytes(shop().state))
    expect(read.map(({ device: one }) => one.attachedTo)).toEqual(devices.map(({ attachedTo }) => attachedTo))
  })
})
