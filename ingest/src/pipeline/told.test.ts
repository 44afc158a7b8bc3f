import type { Change, Observation } from '@proactive/shared'
import { encode } from '@proactive/shared/codec'
import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../log/ingest-log.ts'
import { toLoggedFact } from './fault-event.ts'
import { toldOf } from './told.ts'

const receivedAtMs = 1_700_000_100_000
const told = (change: Change, observation: Partial<Observation> = {}) => {
  const message: Observation = {
    v: 1,
    bootEpoch: 3,
    lane: 'live',
    seq: 7,
    atMs: receivedAtMs - 40_000,
    clock: 'synced',
    change,
    ...observation,
  }
  const payload = encode('observation', message)
  const record: LogRecord = {
    partition: 'p00',
    offset: 1,
    receivedAtMs,
    entry: { from: 'appliance', applianceId: 'box-1', locationId: 'loc-1', kind: 'observation', payload },
  }
  const fact = toLoggedFact(record)
  return fact === undefined ? [] : toldOf(fact, record)
}
const restarted: Change = { type: 'device-restarted', deviceId: 'dev-1', uptimeMs: 5_000, evidence: [] }

describe('what an observation tells people', () => {
  it('is a change with its time on site, and the same again when it is read again', () => {
    const [first] = told(restarted)
    expect(first).toMatchObject({
      type: 'site-change',
      locationId: 'loc-1',
      change: {
        atMs: receivedAtMs - 40_000,
        change: { type: 'device-restarted', deviceId: 'dev-1', uptimeMs: 5_000 },
      },
    })
    expect(told(restarted)).toEqual([first])
    expect(told(restarted, { seq: 8 })).not.toEqual([first])
  })

  it.each([
    ['by a clock that nobody vouched for', { clock: 'unsynced', atMs: 1_000 } as const],
    ['by a clock that runs ahead', { atMs: receivedAtMs + 3_600_000 }],
  ])('has the time of the log where it is stamped %s', (_, stamp) => {
    expect(told(restarted, stamp)).toMatchObject([{ change: { atMs: receivedAtMs } }])
  })

  it('names the unit of a new device without what it was recognised by', () => {
    const device = {
      ...{ alias: 1, id: 'dev-9', role: 'printer', confidence: 0.4, ips: ['192.0.2.9'], macs: [] },
      ...{ isSleeper: false, isGateway: false, firstSeenMs: 1, name: 'bar' },
      evidence: [{ source: 'mdns', key: 'name', value: 'bar' }],
    } as const
    expect(
      told({ type: 'device-new', device: structuredClone(device) as never, evidence: [] }),
    ).toMatchObject([
      { change: { change: { unit: { deviceId: 'dev-9', role: 'printer', name: 'bar', ip: '192.0.2.9' } } } },
    ])
  })

  it('is nothing where it is a condition: those are told as incidents', () => {
    expect(told({ type: 'device-silent', deviceId: 'dev-1', sinceMs: 1, evidence: [] })).toEqual([])
  })
})
