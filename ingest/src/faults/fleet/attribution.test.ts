import { describe, expect, it } from 'vitest'
import { Fleet } from '../testing/fleet.ts'

const minute = 60_000
const told = (fleet: Fleet) => fleet.told.map(({ change, report }) => `${change} ${report.faultClass}`)
const keys = (fleet: Fleet) => new Set(fleet.told.map(({ report }) => report.key))

/** 24 shops of one provider; the first twelve are a town of their own and hang on one router of the provider's: nothing but what they say tells the two apart. */
const twoTowns = (hasSecondWayOut: (index: number) => boolean) => (index: number) => ({
  address: `60.0.${index}.7`,
  firstHop: `100.64.0.${index < 12 ? 0 : 1}`,
  region: index < 12 ? 'Bad Muster' : 'Elsewhere',
  ...(hasSecondWayOut(index) ? { hasSecondWayOut: true } : {}),
})

describe('a town whose shops hang on one router of their provider', () => {
  it('is without power where shops with a second way out are dark as well', () => {
    const fleet = new Fleet().settle(
      24,
      twoTowns((index) => index % 3 === 0),
    )
    for (let index = 0; index < 11; index += 1) fleet.dark(index, index * 900)
    fleet.pass(2 * minute)
    expect(told(fleet)).toEqual(['opened region-outage'])
  })

  it('has an outage of the provider where shops with a second way out are still there', () => {
    const fleet = new Fleet().settle(
      24,
      twoTowns((index) => index < 2),
    )
    for (let index = 0; index < 2; index += 1) fleet.offline(index, index * 900)
    for (let index = 2; index < 11; index += 1) fleet.dark(index, index * 900)
    fleet.pass(2 * minute)
    expect(told(fleet)).toEqual(['opened provider-outage'])
  })

  it('is a matter for the recorders where nobody has one: the same incident moves, and nobody is let go', () => {
    const fleet = new Fleet().settle(
      24,
      twoTowns(() => false),
    )
    for (let index = 0; index < 11; index += 1) fleet.dark(index, index * 900)
    fleet.pass(10 * minute)
    expect(told(fleet)).toContain('opened provider-outage')
    fleet.well(4, 'power-cut')
    fleet.pass(2_000)
    expect(told(fleet).at(-1)).toBe('moved region-outage')
    expect(fleet.told.at(-1)?.report.reasons.at(-1)?.text).toContain('It is the power in Bad Muster')
    expect(fleet.wordTo(7)).toMatchObject({ faultClass: 'region-outage', isOpen: true })
    for (let index = 0; index < 11; index += 1) fleet.well(index, 'power-cut')
    fleet.pass(10 * minute)
    expect(keys(fleet).size).toBe(1)
    expect(told(fleet).at(-1)).toBe('closed region-outage')
  })

  it('keeps an outage of the provider against the word of one shop that lost its power in the same minute, which gets its own Issue', () => {
    const fleet = new Fleet().settle(
      24,
      twoTowns((index) => index < 4),
    )
    for (let index = 0; index < 4; index += 1) fleet.offline(index, index * 900)
    for (let index = 4; index < 11; index += 1) fleet.dark(index, index * 900)
    fleet.pass(10 * minute)
    fleet.well(8, 'power-cut')
    expect(fleet.held()).not.toContain('loc-8')
    expect(fleet.held()).toContain('loc-7')
    for (let index = 4; index < 8; index += 1) fleet.well(index, 'provider-down')
    fleet.pass(minute)
    expect(told(fleet)).not.toContain('moved region-outage')
  })
})

it('a line that fails two minutes into a power cut is a fault of its own, and the power cut stays one', () => {
  const fleet = new Fleet().settle(
    12,
    twoTowns((index) => [1, 5, 10, 11].includes(index)),
  )
  for (const [place, index] of [0, 3, 4, 5, 7, 10, 11].entries()) fleet.dark(index, place * 1_500)
  fleet.offline(1, 2 * minute)
  fleet.pass(5 * minute)
  expect(told(fleet)).toEqual(['opened region-outage'])
  expect(fleet.held()).not.toContain('loc-1')
})

describe('two that fall within seconds', () => {
  it('wait for a third, and are let go before a minute is over', () => {
    const fleet = new Fleet().settle(
      24,
      twoTowns(() => true),
    )
    fleet.offline(1, 0)
    fleet.offline(2, 1_000)
    fleet.pass(2_000)
    expect(fleet.held()).toEqual(['loc-1', 'loc-2'])
    fleet.pass(20_000)
    expect(fleet.held()).toEqual([])
    expect(fleet.told).toEqual([])
  })

  it('are of the outage whose third comes', () => {
    const fleet = new Fleet().settle(
      24,
      twoTowns(() => true),
    )
    for (const [place, index] of [1, 2, 5, 7].entries()) fleet.offline(index, place * 1_500)
    fleet.pass(minute)
    expect(told(fleet)).toEqual(['opened provider-outage'])
    expect(fleet.held().length).toBe(4)
  })
})

it('three faults of one router’s dozen in two minutes are chance on a day like others', () => {
  const fleet = new Fleet().settle(
    120,
    twoTowns(() => false),
  )
  // Half a trouble a Location-day is what this fleet is used to.
  fleet.state.aloneCount = 180
  for (const [place, index] of [1, 4, 9].entries()) fleet.dark(index, place * minute)
  fleet.pass(10 * minute)
  expect(fleet.told).toEqual([])
  expect(fleet.held()).toEqual([])
})

it('two suspicions that come to name the same thing are one incident', () => {
  // A shop of the other town fails by itself just before: the first to fall look like its provider's.
  const fleet = new Fleet().settle(120, (index) => ({
    address: `60.${index % 2}.${index}.7`,
    firstHop: `100.64.${index % 2}.${Math.floor(index / 24)}`,
    region: `Town ${Math.floor(index / 15)}`,
  }))
  fleet.dark(47, 0)
  for (const [place, index] of [91, 101, 97, 99].entries()) fleet.dark(index, 30_000 + place * 300)
  for (const [place, index] of [90, 94, 96, 98, 100, 102].entries()) fleet.dark(index, 30_100 + place * 300)
  fleet.pass(3 * minute)
  expect(told(fleet).filter((each) => each.startsWith('opened'))).toEqual(['opened region-outage'])
  expect(fleet.held().length).toBe(10)
  expect(fleet.held()).not.toContain('loc-47')
})

it('an outage that turns out to be one that stands already ends in it, and says which by its headline', () => {
  const fleet = new Fleet().settle(120, (index) => ({
    address: '60.1.2.7',
    firstHop: `60.1.${Math.floor(index / 12)}.1`,
  }))
  for (const index of [1, 2, 3, 4, 5, 6]) fleet.offline(index, index * 300)
  fleet.pass(20 * minute)
  for (const index of [61, 62, 63, 64, 65, 66]) fleet.offline(index, index * 300)
  fleet.pass(20 * minute)
  const [first, second] = fleet.state.parents
  if (first === undefined || second === undefined) throw new Error('there are no two outages')
  second.group = first.group
  fleet.offline(67, 0)
  fleet.pass(minute)
  const { reasons = [] } = fleet.told.find(({ change }) => change === 'closed')?.report ?? {}
  expect(reasons.at(-1)?.text).toMatch(/^It is the same as: Outage at .+ since .+: 1[23] Locations offline$/)
  expect(fleet.held().length).toBe(13)
})

/** A dozen of one town with a second way out, each behind a router of its own, and others of the same provider in towns of their own. */
const scattered = (index: number) => ({
  address: `60.0.${index}.7`,
  firstHop: `100.64.${index}.1`,
  region: index < 12 ? 'Bad Muster' : `Town ${index}`,
  ...(index < 12 ? { hasSecondWayOut: true } : {}),
})

it('a suspicion beyond chance that meets a mere pair of the same thing stays one', () => {
  const fleet = new Fleet().settle(240, scattered)
  // So much trouble is usual that two of the provider’s are waited on, and three of the town are beyond chance.
  fleet.state.aloneCount = 184
  for (const [place, index] of [20, 21, 0, 1, 2, 3, 4].entries()) fleet.dark(index, place * 300)
  fleet.pass(2_000)
  expect(fleet.wordTo(0)?.faultClass).toBe('region-outage')
  expect(fleet.wordTo(20)?.faultClass).toBe('provider-outage')
  // The town's are there, over their second way out: it is what the pair fell by as well.
  for (const index of [0, 1, 2, 3, 4]) fleet.offline(index, 100)
  fleet.pass(2 * minute)
  expect(told(fleet)).toEqual(['opened provider-outage'])
  expect(fleet.held().length).toBe(7)
})

it('what a suspicion lets go of goes straight over to the outage that it belongs to', () => {
  const fleet = new Fleet().settle(40, scattered)
  for (const index of [0, 1, 2, 3]) fleet.dark(index, index * 200)
  fleet.pass(2_000)
  const [suspicion] = fleet.state.parents
  if (suspicion === undefined) throw new Error('nothing is suspected')
  const known = { ...suspicion, key: 'known', group: 'net:60.0.0.0/16', state: 'open' as const }
  fleet.state.parents.push({
    ...known,
    faultClass: 'provider-outage',
    openedAtMs: fleet.nowMs,
    mostMembers: 4,
  })
  for (const index of [2, 3]) fleet.well(index)
  fleet.words.length = 0
  fleet.pass(20_000)
  const toldTo = (id: string) =>
    fleet.words.filter(({ locationId }) => locationId === id).map(({ parent }) => parent?.key)
  expect(toldTo('loc-0')).toEqual(['known'])
  expect(toldTo('loc-2')).toEqual([undefined])
})

it('an outage from before an upgrade is not taken for that of a processor that its Locations share', () => {
  const shared = twoTowns(() => true)
  const fleet = new Fleet().settle(24, (index) => ({
    ...shared(index),
    processors: index < 11 ? ['Pay A'] : [],
  }))
  for (let index = 0; index < 11; index += 1) fleet.dark(index, index * 900)
  fleet.pass(2 * minute)
  expect(told(fleet)).toEqual(['opened region-outage'])
  // The version before knew no episodes.
  for (const member of fleet.state.members.values()) delete member.episode
  for (const parent of fleet.state.parents) parent.isUnreviewed = true
  fleet.pass(minute)
  fleet.take({ type: 'woke' })
  expect(told(fleet)).toEqual(['opened region-outage'])
})
