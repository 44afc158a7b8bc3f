import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCpuTimes, readByLibrary } from './appliance-health.ts'
import { parseArpScan } from './arp-scan.ts'
import { parseFpingLine, parseFpingSummary } from './fping.ts'
import { parseInterfaces, parseMonitorLine, parseNeighbors } from './ip-output.ts'

describe('fping', () => {
  it.each([
    [
      '[1795294693.61734] 192.0.2.1   : [0], 64 bytes, 0.073 ms (0.073 avg, 0% loss)',
      { ip: '192.0.2.1', rttMs: 0.073 },
    ],
    [
      '[1795300406.00855] 192.0.2.1  : [4], timed out (0.199 avg, 20% loss)',
      { ip: '192.0.2.1', rttMs: null },
    ],
    ['192.0.2.9 : [0], timed out (NaN avg, 100% loss)', { ip: '192.0.2.9', rttMs: null }],
    ['ICMP Host Unreachable from 192.0.2.2 for ICMP Echo sent to 192.0.2.9', undefined],
    ['', undefined],
  ])('says %s', (line, outcome) => {
    expect(parseFpingLine(line)).toEqual(outcome)
  })

  it('tells each try of a summary', () => {
    expect(parseFpingSummary('192.0.2.1   : 0.05 - 12.7')).toEqual([
      { ip: '192.0.2.1', rttMs: 0.05 },
      { ip: '192.0.2.1', rttMs: null },
      { ip: '192.0.2.1', rttMs: 12.7 },
    ])
    expect(parseFpingSummary('ICMP Time Exceeded from 192.0.2.1 for ICMP Echo sent to 198.51.100.1')).toEqual(
      [],
    )
  })
})

describe('arp-scan', () => {
  it('tells who answered, and two that claim one address', () => {
    const text = [
      '192.0.2.21\t00:0B:4F:11:52:01\t(Unknown)',
      '192.0.2.21\t78:48:59:0d:66:01\t(Unknown) (DUP: 2)',
      '192.0.2.21\t00:0b:4f:11:52:01\t(Unknown) (DUP: 3)',
      'WARNING: Cannot open MAC/Vendor file',
    ].join('\n')
    expect(parseArpScan(text)).toEqual([
      { ip: '192.0.2.21', mac: '00:0b:4f:11:52:01' },
      { ip: '192.0.2.21', mac: '78:48:59:0d:66:01' },
    ])
  })
})

describe('ip', () => {
  it('tells the neighbor table with its states', () => {
    const text = JSON.stringify([
      { dst: '192.0.2.1', dev: 'eth0', lladdr: '18:FD:74:5A:10:01', state: ['REACHABLE'] },
      { dst: '192.0.2.9', dev: 'eth0', state: ['FAILED'] },
    ])
    expect(parseNeighbors(text)).toEqual([
      { ip: '192.0.2.1', interface: 'eth0', mac: '18:fd:74:5a:10:01', state: 'reachable' },
      { ip: '192.0.2.9', interface: 'eth0', state: 'failed' },
    ])
  })

  it('tells carrier, addresses and gateway of each interface, loopback left out', () => {
    const addresses = JSON.stringify([
      { ifname: 'lo', flags: ['LOOPBACK', 'UP', 'LOWER_UP'], addr_info: [] },
      {
        ifname: 'eth0',
        address: 'dc:a6:32:0f:41:02',
        flags: ['BROADCAST', 'UP', 'LOWER_UP'],
        addr_info: [
          { family: 'inet', local: '192.0.2.2', prefixlen: 24, valid_life_time: 3_541 },
          { family: 'inet6', local: 'fe80::1', prefixlen: 64, valid_life_time: 4_294_967_295 },
        ],
      },
      { ifname: 'wan1', flags: ['NO-CARRIER', 'UP'], addr_info: [] },
    ])
    const routes = JSON.stringify([
      { dst: 'default', gateway: '192.0.2.1', dev: 'eth0' },
      { dst: '192.0.2.0/24', dev: 'eth0' },
    ])
    expect(parseInterfaces(addresses, routes)).toEqual([
      {
        name: 'eth0',
        mac: 'dc:a6:32:0f:41:02',
        hasCarrier: true,
        addresses: ['192.0.2.2/24'],
        gateway: '192.0.2.1',
        leaseSeconds: 3_541,
      },
      { name: 'wan1', hasCarrier: false, addresses: [] },
    ])
  })

  it('tells table changes as they come', () => {
    expect(parseMonitorLine('[NEIGH]192.0.2.21 dev eth0 lladdr 00:0b:4f:11:52:01 REACHABLE')).toEqual({
      ip: '192.0.2.21',
      interface: 'eth0',
      mac: '00:0b:4f:11:52:01',
      state: 'reachable',
    })
    expect(parseMonitorLine('[NEIGH]192.0.2.9 dev eth0 FAILED')).toMatchObject({ state: 'failed' })
    expect(
      parseMonitorLine('[NEIGH]Deleted 192.0.2.9 dev eth0 lladdr 00:0b:4f:11:52:01 STALE'),
    ).toMatchObject({ state: 'none' })
    expect(parseMonitorLine('[LINK]2: eth0: <NO-CARRIER,UP> state DOWN')).toBeUndefined()
  })

  it('is never believed blindly: any text is read without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        parseNeighbors(text)
        parseInterfaces(text, text)
        parseMonitorLine(text)
        parseArpScan(text)
        parseFpingLine(text)
        parseFpingSummary(text)
      }),
    )
  })
})

describe('the appliance’s own health', () => {
  it('counts idle and waiting as not busy', () => {
    expect(parseCpuTimes('cpu  10 0 20 60 10 0 0 0 0 0\ncpu0 …')).toEqual({ busy: 30, total: 100 })
    expect(parseCpuTimes('nonsense')).toBeUndefined()
  })

  it('comes from systeminformation where there is no /proc', async () => {
    const { memoryUsedRatio, cpuRatio } = await readByLibrary()
    expect(memoryUsedRatio).toBeGreaterThan(0)
    expect(memoryUsedRatio).toBeLessThan(1)
    expect(cpuRatio).toBeGreaterThanOrEqual(0)
  })
})
