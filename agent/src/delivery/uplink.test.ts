import { decode } from '@proactive/shared/codec'
import { afterEach, describe, expect, it } from 'vitest'
import { createMemorySpool } from '../adapters/memory-spool.ts'
import { createMqttLink } from '../adapters/mqtt-link.ts'
import { nodeScheduler } from '../adapters/node-scheduler.ts'
import type { Timeline } from '../core/timeline.ts'
import { type Spool, silentLog } from '../ports/index.ts'
import { startTestBroker, type TestBroker } from '../testing/test-broker.ts'
import { startTestProxy } from '../testing/test-proxy.ts'
import { createRecorder } from './recorder.ts'
import { createSender } from './sender.ts'
import { createSession } from './session.ts'

const bootEpoch = 1_700_000_000
const timeline: Timeline = { state: 'synced', offsetMs: 1_700_000_000_000 }
const stops: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** Recorder, sender and session as the agent wires them, on a real connection. */
function startUplink(broker: TestBroker, spool: Spool) {
  const recorder = createRecorder({
    spool,
    scheduler: nodeScheduler,
    log: silentLog,
    bootEpoch,
    timeline: () => timeline,
    applianceRow: () => Promise.resolve(Array.from({ length: 10 }, () => null)),
    ordinalOf: (alias) => alias,
    isLiveOpen: () => sender.isLiveOpen(),
    onRecorded: () => sender.pump(),
  })
  const sender = createSender({
    spool,
    scheduler: nodeScheduler,
    random: () => 0,
    log: silentLog,
    onAcknowledged: (id) => recorder.acknowledged(id),
    flush: () => recorder.flush(),
  })
  const session = createSession({
    link: createMqttLink({ identity: () => broker.identity, lookup: () => Promise.resolve('127.0.0.1') }),
    sender,
    scheduler: nodeScheduler,
    random: () => 0,
    log: silentLog,
    bootEpoch,
    ordinalOf: (alias) => alias,
    birth: () => ({
      v: 1,
      bootEpoch,
      atMs: 1,
      clock: 'synced',
      agentVersion: 'test',
      networks: [],
      uplinks: [],
      desiredVersion: 0,
      devices: [],
      targets: [],
    }),
    uplinks: () => [{ id: 'any', hasCarrier: true, isGatewayReachable: null, isWanUp: null }],
    routeOf: (uplinkId) => ({ uplinkId, resolvers: [] }),
    onDesired: () => {
      throw new Error('nothing is desired here')
    },
    onCommand: () => undefined,
    onConnection: () => undefined,
  })
  recorder.start({ wasClean: true })
  session.start()
  stops.push(() => session.stop('shutdown'))
  return { recorder, session, sender }
}

/** Observations as the cloud takes them: repeats of a place dropped by the high-water mark. */
function takenInOrder(broker: TestBroker): { taken: number[]; disorder: number; repeats: number } {
  const taken: number[] = []
  let highest = 0
  let disorder = 0
  let repeats = 0
  for (const { kind, payload } of broker.received) {
    if (kind !== 'observation') continue
    const { seq, change } = decode('observation', payload)
    if (seq <= highest) {
      repeats++
      continue
    }
    if (seq !== highest + 1) disorder++
    highest = seq
    if (change.type === 'clock-changed') taken.push(change.stepMs)
  }
  return { taken, disorder, repeats }
}

async function until(what: () => boolean, timeoutMs = 12_000): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!what()) {
    if (Date.now() > end) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('the uplink behind a proxy', () => {
  it('reaches the cloud through it, without asking for an address', async () => {
    const broker = await startTestBroker({ ackDelayMs: 0 })
    stops.push(() => broker.stop())
    const proxy = await startTestProxy()
    stops.push(() => proxy.stop())
    const link = createMqttLink({
      identity: () => broker.identity,
      lookup: () => Promise.reject(new Error('the name is the proxy’s business')),
      proxy: proxy.url,
    })
    const connection = await link.open({
      route: { uplinkId: 'primary', resolvers: [] },
      will: Buffer.from('gone'),
      timeoutMs: 5_000,
      events: { onClosed: () => undefined, onMessage: () => undefined },
    })
    await connection.publish('status', Buffer.from('here'))
    await connection.close()
    expect(proxy.targets).toEqual([new URL(broker.identity.mqttUrl).host])
    expect(broker.received[0]?.kind).toBe('status')
  })
})

describe('the uplink at its beginning', () => {
  it('tells once more what became known while the first birth was under way', async () => {
    const broker = await startTestBroker({ ackDelayMs: 400 })
    stops.push(() => broker.stop())
    const { session } = startUplink(broker, createMemorySpool())
    const births = () => broker.received.filter(({ kind }) => kind === 'birth').length
    // The birth follows it at once.
    await until(() => broker.received.some(({ kind }) => kind === 'status'))
    expect(session.state().isConnected).toBe(false)
    session.announce()
    await until(() => births() === 2)
  })
})

describe('the uplink on a flapping link', () => {
  it('loses nothing and keeps the order through eight cuts, at a cloud that takes its time', async () => {
    const broker = await startTestBroker({ ackDelayMs: 4 })
    stops.push(() => broker.stop())
    const spool = createMemorySpool()
    const { recorder, session } = startUplink(broker, spool)
    const count = 400
    let made = 0
    const make = () => {
      for (let one = 0; one < 10 && made < count; one++)
        recorder.observe({ type: 'clock-changed', state: 'synced', stepMs: made++, evidence: [] })
    }
    const maker = setInterval(make, 40)
    stops.push(() => clearInterval(maker))
    for (let cut = 0; cut < 8; cut++) {
      await until(() => session.state().isConnected)
      const before = broker.received.length
      await until(() => broker.received.length > before + 3 || made >= count)
      broker.cut()
      await until(() => !session.state().isConnected)
      broker.mend()
    }
    await until(() => made === count)
    await until(() => takenInOrder(broker).taken.length === count)
    const { taken, disorder } = takenInOrder(broker)
    expect(taken).toEqual(Array.from({ length: count }, (_, index) => index))
    expect(disorder).toBe(0)
    await until(() => {
      recorder.flush()
      return spool.figures().records === 0
    })
  })

  it('forgets nothing that was not acknowledged, however long the cloud stalls', async () => {
    const broker = await startTestBroker({ ackDelayMs: 1 })
    stops.push(() => broker.stop())
    const spool = createMemorySpool()
    const { recorder, session, sender } = startUplink(broker, spool)
    await until(() => session.state().isConnected)
    broker.setStalled(true)
    for (let step = 0; step < 40; step++)
      recorder.observe({ type: 'clock-changed', state: 'synced', stepMs: step, evidence: [] })
    await until(() => sender.inFlight() === 16)
    recorder.flush()
    expect(spool.figures().records).toBeGreaterThanOrEqual(40)
    broker.setStalled(false)
    await until(() => takenInOrder(broker).taken.length === 40)
    expect(takenInOrder(broker)).toMatchObject({ disorder: 0, repeats: 0 })
  })

  it('sends its birth before anything else, and a goodbye that names its reason', async () => {
    const broker = await startTestBroker({ ackDelayMs: 1 })
    stops.push(() => broker.stop())
    const { recorder, session } = startUplink(broker, createMemorySpool())
    recorder.observe({ type: 'clock-changed', state: 'synced', stepMs: 1, evidence: [] })
    await until(() => takenInOrder(broker).taken.length === 1)
    expect(broker.received.map(({ kind }) => kind)).toEqual(['status', 'birth', 'observation'])
    await session.stop('shutdown')
    const last = broker.received.at(-1)
    expect(last?.kind).toBe('status')
    expect(decode('status', last?.payload ?? Buffer.alloc(0))).toMatchObject({
      online: false,
      reason: 'shutdown',
    })
  })
})
