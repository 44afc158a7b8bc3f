import { describe, expect, it } from 'vitest'
import { createMemorySpool } from '../adapters/memory-spool.ts'
import { type CloudConnection, type Log, silentLog } from '../ports/index.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createSender } from './sender.ts'

const stamp = { bootEpoch: 42, atMs: 1_700_000_000_000, clock: 'synced', maxAlias: 0 } as const
const change = { type: 'clock-changed', state: 'synced', stepMs: 1, evidence: [] }

describe('a record that no message can be made of', () => {
  it.each([
    ['cut short', '{"windowMs":30'],
    ['without rows', '{"windowMs":30000}'],
  ])('%s is deleted, counted and told once; what lies behind it is sent', async (_, body) => {
    const spool = createMemorySpool()
    const told: object[] = []
    const log: Log = { ...silentLog, error: (fields) => void told.push(fields) }
    const sent: string[] = []
    const connection: CloudConnection = {
      publish: async (kind) => void sent.push(kind),
      close: () => Promise.resolve(),
      cut: () => undefined,
    }
    const sender = createSender({
      ...{ spool, log, scheduler: createManualScheduler(), random: () => 0, flush: () => undefined },
      onAcknowledged: (id) => void spool.commit({ forget: [id] }),
    })
    spool.commit({
      add: [
        { entry: { ...stamp, kind: 'telemetry', body }, lane: 'live' },
        { entry: { ...stamp, kind: 'observation', body: JSON.stringify({ change }) }, lane: 'live' },
      ],
    })
    for (let connect = 0; connect < 3; connect++) {
      sender.attach(connection)
      await Promise.resolve()
      sender.detach()
    }
    expect(sent).toEqual(['observation'])
    expect(sender.unsendable()).toBe(1)
    expect(told).toMatchObject([{ id: 1, kind: 'telemetry' }])
    expect(spool.figures().records).toBe(0)
  })

  it('also where the cloud would cut the connection over its size, time and again', () => {
    const spool = createMemorySpool()
    const sender = createSender({
      ...{ spool, log: silentLog, scheduler: createManualScheduler() },
      ...{ random: () => 0, flush: () => undefined },
      onAcknowledged: (id) => void spool.commit({ forget: [id] }),
    })
    const noise = Array.from({ length: 100_000 }, (_, at) => Math.sin(at).toString(36)).join()
    const entry = { ...stamp, kind: 'observation', body: JSON.stringify({ change, noise }) } as const
    spool.commit({ add: [{ entry, lane: 'live' }] })
    const publish = () => Promise.reject(new Error('nothing of it leaves'))
    sender.attach({ publish, close: () => Promise.resolve(), cut: () => undefined })
    expect(sender.unsendable()).toBe(1)
    expect(spool.figures().records).toBe(0)
  })
})

describe('a record whose devices the cloud does not know yet', () => {
  it('is held back and asks once for the birth that tells them', async () => {
    const spool = createMemorySpool()
    const sent: string[] = []
    let asked = 0
    const sender = createSender({
      ...{ spool, log: silentLog, scheduler: createManualScheduler() },
      ...{ random: () => 0, flush: () => undefined },
      onAcknowledged: (id) => void spool.commit({ forget: [id] }),
      onHeldBack: () => {
        asked++
      },
    })
    const entry = { ...stamp, maxAlias: 5, kind: 'observation', body: JSON.stringify({ change }) } as const
    spool.commit({ add: [{ entry, lane: 'live' }] })
    const publish = async (kind: string) => void sent.push(kind)
    sender.attach({ publish, close: () => Promise.resolve(), cut: () => undefined })
    for (let pump = 0; pump < 5; pump++) sender.pump()
    expect({ asked, sent }).toEqual({ asked: 1, sent: [] })
    sender.allowAliases(5)
    expect({ asked, sent }).toEqual({ asked: 1, sent: ['observation'] })
  })
})
