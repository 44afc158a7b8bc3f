import type { DeviceEvidence } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { type KnownDevice, recognize, type Sighted } from './identity.ts'

const minute = 60_000

function sighted(more: Partial<Sighted> & { told?: Record<string, string> }): Sighted {
  const { told = {}, ...rest } = more
  const evidence = Object.entries(told).map(
    ([key, value]): DeviceEvidence => ({ source: 'dhcp', key, value }),
  )
  return { atMs: 0, ip: '192.0.2.21', mac: '00:0b:4f:00:00:01', role: 'pos-terminal', evidence, ...rest }
}

/** Shows sightings one after another and gives the devices and what happened last. */
function watch(...sightings: readonly Sighted[]) {
  const devices = new Map<string, KnownDevice>()
  let last: ReturnType<typeof recognize> | undefined
  for (const [index, one] of sightings.entries()) {
    last = recognize([...devices.values()], one, `device-${index + 1}`)
    devices.set(last.device.id, last.device)
  }
  return { devices: [...devices.values()], last }
}

describe('a device stays the same', () => {
  it('when DHCP gives it another address', () => {
    const { devices, last } = watch(sighted({}), sighted({ ip: '192.0.2.50', atMs: minute }))
    expect(devices).toHaveLength(1)
    expect(last?.events).toEqual([
      { atMs: minute, kind: 'address-changed', before: '192.0.2.21', after: '192.0.2.50' },
    ])
  })

  it('when it makes up another MAC each day, by its DHCP client id or name', () => {
    const { devices } = watch(
      sighted({ mac: '02:00:00:00:00:01', told: { hostname: 'Till-Tablet' } }),
      sighted({
        mac: '06:00:00:00:00:02',
        told: { hostname: 'till-tablet' },
        ip: '192.0.2.77',
        atMs: minute,
      }),
    )
    expect(devices).toHaveLength(1)
  })

  it('when its network card was changed, by its serial', () => {
    const { devices, last } = watch(
      sighted({ told: { serial: '123-456' } }),
      sighted({ mac: '00:0b:4f:00:00:99', told: { serial: '123-456' }, atMs: minute }),
    )
    expect(devices).toHaveLength(1)
    expect(last?.events.map(({ kind }) => kind)).toEqual(['mac-changed'])
  })

  it('when its cable was moved to another port', () => {
    const { devices, last } = watch(
      sighted({ told: { switchPort: 'sw-1/3' } }),
      sighted({ told: { switchPort: 'sw-1/7' }, atMs: minute }),
    )
    expect(devices).toHaveLength(1)
    expect(last?.events).toMatchObject([{ kind: 'moved-port', before: 'port sw-1/3', after: 'port sw-1/7' }])
  })
})

describe('two devices stay two', () => {
  it('when one takes over the address of the other', () => {
    const { devices, last } = watch(
      sighted({}),
      sighted({ mac: '00:26:ab:00:00:02', role: 'printer', atMs: minute }),
    )
    expect(devices).toHaveLength(2)
    expect(last).toMatchObject({ isNew: true, displaced: 'device-1' })
    expect(last?.replaces).toBeUndefined()
  })

  it('when both are called the same', () => {
    const { devices } = watch(
      sighted({ told: { hostname: 'pos' } }),
      sighted({ mac: '00:0b:4f:00:00:02', ip: '192.0.2.22', told: { hostname: 'pos' } }),
    )
    expect(devices).toHaveLength(2)
  })
})

describe('a terminal is replaced', () => {
  const old = sighted({ model: 'Vx520', told: { switchPort: 'sw-1/3', serial: '111' } })
  const next = {
    model: 'Vx520',
    mac: '00:0b:4f:00:00:02',
    ip: '192.0.2.60',
    told: { switchPort: 'sw-1/3', serial: '222' },
  }

  it('when one of the same model answers in the place of one that fell silent, and both are told', () => {
    const { devices, last } = watch(old, sighted({ ...next, atMs: 10 * minute }))
    expect(devices).toHaveLength(2)
    expect(last).toMatchObject({
      replaces: 'device-1',
      events: [{ kind: 'replaced', before: 'serial 111', after: 'serial 222' }],
    })
  })

  it('not while the old one still answers', () => {
    expect(watch(old, sighted({ ...next, atMs: minute })).last?.replaces).toBeUndefined()
  })

  it('not by a device of another kind', () => {
    expect(
      watch(old, sighted({ ...next, role: 'printer', atMs: 10 * minute })).last?.replaces,
    ).toBeUndefined()
  })
})

it('the past is bounded', () => {
  const sightings = Array.from({ length: 200 }, (_, index) =>
    sighted({ ip: `192.0.2.${index % 250}`, atMs: index }),
  )
  expect(watch(...sightings).devices[0]?.history).toHaveLength(32)
})
