import { describe, expect, it } from 'vitest'
import { type HealthFacts, judge } from './health-rules.ts'

const trial = { couldReachCloud: true, hadAddress: true }
const facts = (more: Partial<HealthFacts> = {}): HealthFacts => ({
  sinceBootSeconds: 60,
  trial: undefined,
  isClaimed: true,
  isSetUp: true,
  agentUpSeconds: 40,
  isDataWritable: true,
  hasAddress: true,
  isAcknowledged: false,
  isCloudOpen: false,
  ...more,
})

describe('a slot that was good before', () => {
  it.each<[string, Partial<HealthFacts>, string]>([
    ['is good as soon as its agent stands, whatever the internet does', { hasAddress: false }, 'good'],
    ['waits for an agent that has only just started', { agentUpSeconds: 3 }, 'wait'],
    ['waits no longer once the cloud acknowledged it', { agentUpSeconds: 3, isAcknowledged: true }, 'good'],
    ['waits for a data partition', { isDataWritable: false }, 'wait'],
    [
      'is good after ten minutes even with an agent that falls over',
      { agentUpSeconds: undefined, sinceBootSeconds: 601 },
      'good',
    ],
    [
      'is good without an agent before it is claimed',
      { isClaimed: false, agentUpSeconds: undefined },
      'good',
    ],
  ])('%s', (_name, more, kind) => {
    expect(judge(facts(more)).kind).toBe(kind)
  })
})

describe('a slot on trial after an update', () => {
  it.each<[string, Partial<HealthFacts>, string]>([
    [
      'is good when the cloud acknowledged something',
      { isAcknowledged: true, sinceBootSeconds: 20, agentUpSeconds: 5 },
      'good',
    ],
    ['waits for the cloud first', {}, 'wait'],
    ['is good when the internet is down: that is not its doing', { sinceBootSeconds: 301 }, 'good'],
    [
      'is bad when the cloud can be reached and its agent stays silent',
      { isCloudOpen: true, sinceBootSeconds: 601 },
      'bad',
    ],
    ['waits ten minutes for that', { isCloudOpen: true, sinceBootSeconds: 599 }, 'wait'],
    [
      'is bad when its agent falls over again and again',
      { agentUpSeconds: undefined, sinceBootSeconds: 301 },
      'bad',
    ],
    ['is bad when it cannot write', { isDataWritable: false, sinceBootSeconds: 301 }, 'bad'],
    [
      'is bad without an address that the slot before had',
      { hasAddress: false, sinceBootSeconds: 901 },
      'bad',
    ],
    ['waits fifteen minutes for that', { hasAddress: false, sinceBootSeconds: 899 }, 'wait'],
    [
      'is good at once where the slot before had no cloud either',
      { trial: { couldReachCloud: false, hadAddress: true } },
      'good',
    ],
    ['is good before it is claimed', { isClaimed: false, agentUpSeconds: undefined }, 'good'],
  ])('%s', (_name, more, kind) => {
    expect(judge(facts({ trial, ...more })).kind).toBe(kind)
  })

  it('says in words why it is bad', () => {
    const judgement = judge(facts({ trial, isDataWritable: false, sinceBootSeconds: 400 }))
    expect(judgement).toEqual({ kind: 'bad', because: 'no sign of a data partition that can be written' })
  })
})
