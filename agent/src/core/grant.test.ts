import { agentConfigSchema } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { grant } from './grant.ts'
import { contains, hostAddresses, isInside } from './networks.ts'
import { pickWanInterface } from './wan-interface.ts'

const local = {
  networks: ['192.0.2.0/24'],
  payPaths: [],
  internetTargets: ['198.51.100.1'],
  dnsNames: ['example.net'],
  devices: [{ deviceId: 'mac-1', name: 'Bar' }],
  telemetrySeconds: 30,
}
const wanted = agentConfigSchema.parse({
  telemetrySeconds: 60,
  networks: ['192.0.2.128/25', '203.0.113.0/24', '198.51.100.0/24'],
  payPaths: [],
  internetTargets: [],
  dnsNames: [],
  devices: [{ deviceId: 'mac-1', isSleeper: true }],
})

describe('what the cloud wants', () => {
  it('is granted inside attached networks and refused, item by item, elsewhere', () => {
    const { config, refused } = grant(local, wanted, ['203.0.113.7/24'])
    expect(config.networks).toEqual(['192.0.2.0/24', '192.0.2.128/25', '203.0.113.0/24'])
    expect(refused).toEqual([
      { path: 'networks.2', reason: '198.51.100.0/24 is no network this appliance is attached to' },
    ])
  })

  it('adds to what was set on site and cannot take it away', () => {
    const { config } = grant(local, wanted, [])
    expect(config.telemetrySeconds).toBe(60)
    expect(config.internetTargets).toEqual(['198.51.100.1'])
    expect(config.devices).toEqual([{ deviceId: 'mac-1', name: 'Bar', isSleeper: true }])
  })
})

describe('what must lie outside the Location', () => {
  const path = { id: 'p', name: 'Processor', port: 443, deviceIds: [] }

  it('is taken from the cloud only where it is no address on site or private', () => {
    const { config, refused } = grant(
      local,
      {
        ...wanted,
        networks: [],
        internetTargets: ['192.0.2.21', '10.0.0.1', 'one.example.net', '127.1', '198.51.100.53'],
        payPaths: [
          { ...path, id: 'inside', host: '192.0.2.21' },
          { ...path, id: 'odd', host: '0127.0.0.1' },
          { ...path, id: 'v6', host: 'fe80::1' },
          { ...path, id: 'name', host: 'processor.example.net' },
          { ...path, id: 'address', host: '198.51.100.20' },
        ],
      },
      ['192.0.2.2/24'],
    )
    expect(config.internetTargets).toEqual(['198.51.100.53'])
    expect(config.payPaths.map(({ id }) => id)).toEqual(['name', 'address'])
    expect(refused.map((item) => item.path)).toEqual([
      'internetTargets.0',
      'internetTargets.1',
      'internetTargets.2',
      'internetTargets.3',
      'payPaths.0.host',
      'payPaths.1.host',
      'payPaths.2.host',
    ])
    expect(refused[0]?.reason).toBe("192.0.2.21 lies in this Location's own network")
  })

  it('may be private where it was set on site, but not on the LAN', () => {
    const onSite = { ...local, internetTargets: ['10.0.0.1', '192.0.2.1'] }
    const { config, refused } = grant(onSite, undefined, ['192.0.2.2/24'])
    expect(config.internetTargets).toEqual(['10.0.0.1'])
    expect(refused).toEqual([
      { path: 'internetTargets.1', reason: "192.0.2.1 lies in this Location's own network" },
    ])
  })

  it('is refused beyond eight paths, and the ones set on site come first', () => {
    const paths = Array.from({ length: 8 }, (_, index) => ({
      ...path,
      id: `c${index}`,
      host: `h${index}.net`,
    }))
    const onSite = { ...local, payPaths: [{ ...path, id: 'site', host: 'site.example.net' }] }
    const { config, refused } = grant(onSite, { ...wanted, networks: [], payPaths: paths }, [])
    expect(config.payPaths.map(({ id }) => id)).toEqual(['site', 'c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6'])
    expect(refused).toEqual([{ path: 'payPaths.7', reason: 'more than 8 payment paths' }])
  })
})

describe('networks', () => {
  it('lists the hosts of a small network and of none larger than /22', () => {
    expect(hostAddresses('192.0.2.0/30')).toEqual(['192.0.2.1', '192.0.2.2'])
    expect(hostAddresses('192.0.2.0/22')).toHaveLength(1_022)
    expect(hostAddresses('10.0.0.0/8')).toEqual([])
    expect(hostAddresses('nonsense')).toEqual([])
  })

  it('knows what lies in what', () => {
    expect(isInside('192.0.2.0/24', '192.0.2.255')).toBe(true)
    expect(isInside('192.0.2.0/24', '192.0.3.0')).toBe(false)
    expect(contains('192.0.2.7/24', '192.0.2.128/25')).toBe(true)
    expect(contains('192.0.2.128/25', '192.0.2.0/24')).toBe(false)
  })
})

describe("the router's WAN interface", () => {
  const facts = {
    indexByAddress: new Map<string, number>([
      ['127.0.0.1', 1],
      ['192.0.2.1', 3],
      ['203.0.113.2', 2],
    ]),
    nameByIndex: new Map([
      ['2', 'wan0'],
      ['3', 'lan0'],
    ]),
    networks: ['192.0.2.0/24'],
    firstHop: undefined,
    wantedName: undefined,
  }
  it('is the one with an address that is not on site, or the one that was named', () => {
    expect(pickWanInterface(facts)).toBe(2)
    expect(pickWanInterface({ ...facts, wantedName: 'lan0' })).toBe(3)
  })

  it('is not guessed between several, unless the first hop tells', () => {
    const two = { ...facts, indexByAddress: new Map([...facts.indexByAddress, ['198.51.100.9', 4]]) }
    expect(pickWanInterface(two)).toBeUndefined()
    expect(pickWanInterface({ ...two, firstHop: '203.0.113.1' })).toBe(2)
  })
})
