import { describe, expect, it } from 'vitest'
import { Fleet } from '../testing/fleet.ts'
import { chanceOfAtLeast } from './chance.ts'

const minute = 60_000
const classes = (fleet: Fleet) => fleet.told.map(({ change, report }) => [change, report.faultClass])

describe('chance', () => {
  it.each([
    [3, 10, 0.5, 0.945313],
    [1, 1, 0.25, 0.25],
    [2, 2, 0.1, 0.01],
    [3, 100, 0.001, 0.000_150_5],
    [0, 5, 0.1, 1],
    [6, 5, 0.1, 0],
  ])('of at least %i of %i at %f is %f', (k, n, p, chance) => {
    // Below the mean the exact digits do not matter: it says 1.
    const found = chanceOfAtLeast(k, n, p)
    if (k <= n * p) expect(found).toBe(1)
    else expect(found).toBeCloseTo(chance, 6)
  })

  it('stays a number where the answer is far too small for one', () => {
    expect(chanceOfAtLeast(90_000, 100_000, 1e-5)).toBeGreaterThanOrEqual(0)
    expect(chanceOfAtLeast(50, 100_000, 1e-5)).toBeLessThan(1e-30)
  })
})

describe('Locations that go dark together', () => {
  it('a provider’s storm of 1,000 Locations in 60 s has one parent, and nobody opens anything of their own', () => {
    const fleet = new Fleet().settle(1_000, (index) => ({
      address: `203.0.${index % 250}.7`,
      region: `Town ${index % 40}`,
    }))
    for (let index = 0; index < 1_000; index += 1) fleet.dark(index, index * 60)
    fleet.pass(2 * minute)
    expect(classes(fleet).filter(([change]) => change === 'opened')).toEqual([['opened', 'provider-outage']])
    expect(fleet.held().length).toBe(1_000)
    const [opened] = fleet.told
    expect(opened?.report.headline).toMatch(/^Outage at the provider of 203\.0\.0\.0\/16 since/)
    fleet.pass(5 * minute)
    expect(fleet.told.at(-1)?.report.headline).toContain('1000 Locations offline')
  })

  it('what they share best is named: 30 of a first hop, not the provider’s other thousand', () => {
    const fleet = new Fleet().settle(1_000, (index) => ({
      address: `203.0.${index % 250}.7`,
      firstHop: `100.64.${Math.floor(index / 50)}.1`,
    }))
    for (let index = 100; index < 130; index += 1) fleet.dark(index, index * 40)
    fleet.pass(2 * minute)
    expect(fleet.told[0]?.report.headline).toContain('first hop 100.64.2.1')
  })

  it('widens to the provider while more and more of it fails, under the same key', () => {
    const fleet = new Fleet().settle(400, (index) => ({
      address: '203.0.113.9',
      firstHop: `100.64.${Math.floor(index / 20)}.1`,
      provider: { id: 'as64500', name: 'Example Net' },
    }))
    for (let index = 0; index < 400; index += 1) fleet.dark(index, index * 100)
    fleet.pass(3 * minute)
    expect(new Set(fleet.told.map(({ report }) => report.key)).size).toBe(1)
    expect(fleet.told.at(-1)?.report.headline).toContain('Example Net')
    expect(fleet.held().length).toBe(400)
  })

  it('a town without power is no provider’s fault', () => {
    const fleet = new Fleet().settle(600, (index) => ({
      address: `198.51.${index % 3}.7`,
      region: index < 12 ? 'Bad Muster' : `Town ${index % 50}`,
    }))
    for (let index = 0; index < 12; index += 1) fleet.dark(index, index * 500)
    fleet.pass(2 * minute)
    expect(classes(fleet)).toEqual([['opened', 'region-outage']])
    expect(fleet.told[0]?.report.rootRole).toBe('power')
  })

  it('three Locations scattered over a day are chance, each keeps its own Issue', () => {
    const fleet = new Fleet().settle(300, () => ({ address: '203.0.113.9' }))
    for (const index of [1, 80, 200]) {
      fleet.dark(index, 0)
      fleet.pass(20 * minute)
      fleet.well(index)
      fleet.pass(200 * minute)
    }
    expect(fleet.told).toEqual([])
    expect(fleet.held()).toEqual([])
  })

  it('two are never one fault, and three blips that nobody would open an Issue for are none either', () => {
    const fleet = new Fleet().settle(30, () => ({ address: '203.0.113.9' }))
    fleet.dark(1, 0)
    fleet.dark(2, 100)
    fleet.pass(5 * minute)
    expect(fleet.held()).toEqual([])
    fleet.well(1)
    fleet.well(2)
    fleet.pass(30 * minute)
    for (const index of [4, 5, 6, 7]) fleet.dark(index, 0, { isDue: false })
    fleet.pass(20_000)
    expect(fleet.held().length).toBe(4)
    for (const index of [4, 5, 6, 7]) fleet.well(index)
    fleet.pass(minute)
    expect(fleet.told).toEqual([])
    expect(fleet.held()).toEqual([])
  })

  it('who stays dark after the others are back is let go; the parent closes once it stayed well', () => {
    const fleet = new Fleet().settle(50, () => ({ address: '203.0.113.9' }))
    for (let index = 0; index < 20; index += 1) fleet.dark(index, index * 100)
    fleet.pass(10 * minute)
    for (let index = 0; index < 19; index += 1) fleet.well(index)
    fleet.pass(2 * minute)
    expect(fleet.held()).toContain('loc-19')
    fleet.pass(90_000)
    expect(fleet.held()).not.toContain('loc-19')
    fleet.pass(10 * minute)
    expect(classes(fleet)).toEqual([
      ['opened', 'provider-outage'],
      ['recovered', 'provider-outage'],
      ['closed', 'provider-outage'],
    ])
    expect(fleet.held()).toEqual([])
    expect(fleet.told.at(-1)?.report.reasons.map(({ text }) => text)).toContain(
      '1 of its Locations stayed in trouble: they have faults of their own',
    )
  })

  it('an outage that comes back before it stayed well is the same one', () => {
    const fleet = new Fleet().settle(50, () => ({ address: '203.0.113.9' }))
    for (let index = 0; index < 20; index += 1) fleet.dark(index, 0)
    fleet.pass(5 * minute)
    for (let index = 0; index < 20; index += 1) fleet.well(index)
    fleet.pass(minute)
    for (let index = 0; index < 20; index += 1) fleet.dark(index, 0)
    fleet.pass(5 * minute)
    expect(classes(fleet).map(([change]) => change)).toEqual(['opened', 'recovered', 'updated'])
  })
})

describe('Locations of several Organizations', () => {
  const stakes = [
    { ownerId: 'org-a', organizationIds: ['org-a', 'org-pos'] },
    { ownerId: 'org-b', organizationIds: ['org-b'] },
  ] as const

  it('each have an Issue of their own for one outage, and none names another’s', () => {
    const fleet = new Fleet().settle(100, (index) => ({
      address: '203.0.113.9',
      stake: stakes[index % 2] ?? stakes[0],
    }))
    for (let index = 0; index < 30; index += 1) fleet.dark(index, index * 100)
    fleet.pass(2 * minute)
    const opened = fleet.told.filter(({ change }) => change === 'opened').map(({ report }) => report)
    expect(opened.length).toBe(2)
    expect(fleet.held().length).toBe(30)
    for (const { locationId, locationIds = [], diagnosis } of opened) {
      const isOdd = (id: string) => Number(id.replace(/\D/g, '')) % 2
      expect(new Set(locationIds.map(isOdd))).toEqual(new Set([isOdd(locationId)]))
      const names = [...diagnosis.matchAll(/Shop (\d+)/g)].map(([, index]) => Number(index) % 2)
      expect(new Set(names)).toEqual(new Set([isOdd(locationId)]))
    }
  })

  it('of one owner are a number where not everybody who reads the Issue may know them', () => {
    const fleet = new Fleet().settle(100, (index) => ({
      address: '203.0.113.9',
      stake: { ownerId: 'org-a', organizationIds: index < 3 ? ['org-a', 'org-pos'] : ['org-a'] },
    }))
    for (let index = 0; index < 10; index += 1) fleet.dark(index, index * 100)
    fleet.pass(2 * minute)
    expect(fleet.told[0]?.report.diagnosis).toContain('Locations: Shop 0, Shop 1, Shop 2 and 7 more')
  })
})

describe('what its Locations are told', () => {
  it('a suspicion first, and again once it has its Issue or is something wider', () => {
    const fleet = new Fleet().settle(400, (index) => ({
      address: '203.0.113.9',
      firstHop: `100.64.${Math.floor(index / 20)}.1`,
      provider: { id: 'as64500', name: 'Example Net' },
    }))
    for (let index = 0; index < 20; index += 1) fleet.dark(index, index * 100)
    fleet.pass(20_000)
    expect(fleet.wordTo(3)).toMatchObject({ isOpen: false })
    fleet.pass(minute)
    expect(fleet.wordTo(3)).toMatchObject({ isOpen: true })
    for (let index = 20; index < 400; index += 1) fleet.dark(index, index * 50)
    fleet.pass(2 * minute)
    expect(fleet.told.map(({ change }) => change)).toContain('moved')
    expect(fleet.wordTo(3)?.headline).toContain('Example Net')
  })
})

describe('addresses that are nobody’s in particular', () => {
  it.each(['192.168.178.1', '10.0.0.1', '172.20.1.1', '169.254.1.1', '192.0.0.1', '198.18.3.4', '240.0.0.1'])(
    '%s is no provider, neither as first hop nor as address',
    (ip) => {
      const fleet = new Fleet().settle(100, () => ({ address: ip, firstHop: ip }))
      for (let index = 0; index < 20; index += 1) fleet.dark(index, 0)
      fleet.pass(5 * minute)
      expect(fleet.told).toEqual([])
      expect(fleet.held()).toEqual([])
    },
  )

  it('the same hop inside two providers’ networks is two', () => {
    const fleet = new Fleet().settle(100, (index) => ({
      address: index % 2 === 0 ? '203.0.113.9' : '198.51.100.9',
      firstHop: '100.64.0.1',
    }))
    const groups = [...fleet.state.idsByGroup].filter(([group]) => group.startsWith('hop:'))
    expect(groups.map(([group, ids]) => [group, ids.size])).toEqual([
      ['hop:100.64.0.1 203.0.0.0/16', 50],
      ['hop:100.64.0.1 198.51.0.0/16', 50],
    ])
  })
})

describe('a processor that many use', () => {
  it('is found however different their providers are, and an unrelated router is not taken in', () => {
    const fleet = new Fleet().settle(200, (index) => ({
      address: `${100 + (index % 90)}.0.0.1`,
      processors: [index % 2 === 0 ? 'Pay A' : 'Pay B'],
    }))
    fleet.dark(3, 0)
    for (let index = 0; index < 40; index += 2) fleet.unpayable(index, 'Pay A', index * 200)
    fleet.pass(3 * minute)
    expect(classes(fleet)).toEqual([['opened', 'processor-outage']])
    expect(fleet.told[0]?.report.headline).toContain('Pay A')
    expect(fleet.held()).not.toContain('loc-3')
    expect(fleet.held().length).toBe(20)
  })
})
