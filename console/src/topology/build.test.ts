import type { LocationDetail } from '@proactive/shared/http'
import { describe, expect, it } from 'vitest'
import { buildTopology, type TopologyNode } from './build.ts'
import { layOut } from './layout.ts'

type State = LocationDetail['devices'][number]
let alias = 0
function device(id: string, role: State['device']['role'], health: State['health'] = 'ok'): State {
  alias += 1
  return {
    device: {
      alias,
      id,
      role,
      confidence: 1,
      ips: [],
      macs: [],
      isSleeper: false,
      isGateway: role === 'router',
      firstSeenMs: 0,
      evidence: [],
    },
    health,
    sinceMs: null,
    rttP50Ms: null,
    lossRatio: null,
    lastSampleMs: null,
  }
}
function location(devices: State[], change: Partial<LocationDetail> = {}): LocationDetail {
  return {
    summary: {
      id: 'loc-1',
      name: 'Shop',
      customerName: 'Shop',
      timeZone: 'UTC',
      verdict: { sentence: '', health: 'ok', sinceMs: null },
      payability: 'payable',
      isOnline: true,
      lastSeenMs: 1,
      deviceCount: devices.length,
      openIncidentCount: 0,
    },
    customer: { id: 'c', name: 'Shop', number: '1' },
    calendar: { openings: [], holidays: [] },
    applianceId: 'box',
    agentVersion: '1',
    clock: 'synced',
    uplinks: [],
    targets: [{ alias: 9, id: 'pay', kind: 'paypath', name: 'Bank' }],
    devices,
    incidents: [],
    responsibilities: [],
    ...change,
  }
}
const flat = (node: TopologyNode): TopologyNode[] => [node, ...node.children.flatMap(flat)]
const find = (root: TopologyNode, id: string) => flat(root).find((node) => node.id === id)

describe('the tree of a Location', () => {
  it('hangs devices on the only switch, the switch on the router, the router on the provider', () => {
    const tree = buildTopology(
      location([device('r', 'router'), device('s', 'switch'), device('p', 'pos-terminal')]),
    )
    expect(find(tree, 'provider')?.children.map(({ id }) => id)).toEqual(['r'])
    expect(find(tree, 'r')?.children.map(({ id }) => id)).toEqual(['s', 'appliance'])
    expect(find(tree, 's')?.children.map(({ id }) => id)).toEqual(['p'])
  })

  it('does not claim to know the internet behind a dead router', () => {
    const tree = buildTopology(location([device('r', 'router', 'down')]))
    expect([tree.health, find(tree, 'provider')?.health, find(tree, 'target-pay')?.health]).toEqual([
      'unknown',
      'unknown',
      'unknown',
    ])
  })

  it('counts what does not fit, worst shown first', () => {
    const many = Array.from({ length: 30 }, (_, index) =>
      device(`w${index}`, 'workstation', index === 29 ? 'down' : 'ok'),
    )
    const nodes = flat(buildTopology(location([device('r', 'router'), ...many])))
    expect(nodes.find(({ id }) => id === 'more')?.label).toBe('16 more')
    expect(nodes.some(({ id }) => id === 'w29')).toBe(true)
  })

  it.each([360, 1_200])('gives each box a place of its own at %i px', (width) => {
    const tree = layOut(
      buildTopology(
        location([
          device('r', 'router'),
          device('s', 'switch'),
          device('p', 'pos-terminal'),
          device('q', 'printer'),
        ]),
      ),
      width,
    )
    expect(new Set(tree.nodes.map(({ x, y }) => `${x},${y}`)).size).toBe(tree.nodes.length)
    expect(tree.edges).toHaveLength(tree.nodes.length - 1)
  })
})
