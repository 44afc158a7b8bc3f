import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Birth, CommandAction, Telemetry } from '@proactive/shared'
import { encode } from '@proactive/shared/codec'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CommandDispatcher, CommandOutcome } from '../commands/dispatcher.ts'
import { createFleetCore } from '../faults/index.ts'
import type { Effect, FaultCore } from '../faults/model.ts'
import type { IngestLog } from '../log/ingest-log.ts'
import { createSqliteLog } from '../log/sqlite-log.ts'
import type { Point } from '../metrics/metric-store.ts'
import { createPipeline, type Pipeline } from './pipeline.ts'
import type { ProjectedEffect } from './ports.ts'

interface CountingState {
  count: number
  wakeAtMs: number | null
}

/** A core that tells how many facts it took: every one puts out a view whose sentence is the count. `script` adds effects and wishes. */
function countingCore(script: (count: number) => Partial<CountingState> & { effects?: Effect[] }) {
  const core: FaultCore<CountingState> = {
    empty: () => ({ count: 0, wakeAtMs: null }),
    reduce(state) {
      const count = state.count + 1
      const { effects = [], ...change } = script(count)
      return { state: { ...state, count, ...change }, effects }
    },
    wakeAtMs: ({ wakeAtMs }) => wakeAtMs,
    serialize: (state) => Buffer.from(JSON.stringify(state)),
    deserialize: (bytes) => JSON.parse(Buffer.from(bytes).toString()),
  }
  return core
}

const view = (sentence: string) =>
  ({ type: 'view', view: { locationId: 'loc-1', sentence } }) as unknown as Extract<Effect, { type: 'view' }>
const incident = (key: string) =>
  ({ type: 'incident', change: 'opened', report: { key, locationId: 'loc-1' } }) as unknown as Extract<
    Effect,
    { type: 'incident' }
  >

const birth: Birth = {
  v: 1,
  bootEpoch: 1,
  atMs: 1_700_000_000_000,
  clock: 'synced',
  agentVersion: '0.1.0',
  networks: [],
  uplinks: [],
  desiredVersion: 0,
  devices: [],
  targets: [{ alias: 3, id: 'internet', kind: 'wan', name: 'internet' }],
}
const telemetry = (seq: number, alias = 3): Telemetry => ({
  v: 1,
  bootEpoch: 1,
  lane: 'live',
  seq,
  atMs: 1_700_000_000_000 + seq,
  clock: 'synced',
  windowMs: 30_000,
  rows: { wan: [[alias, 1, seq, null, null, 0, null]] },
})

describe('the pipeline', () => {
  let folder = ''
  let log: IngestLog
  let pipeline: Pipeline
  let effects: ProjectedEffect[]
  let points: Point[]
  let store: Promise<void>
  let received: number[]
  let commands: { run: (action: CommandAction) => Promise<CommandOutcome>; asked: CommandAction[] }
  let failProjection: (effect: ProjectedEffect) => boolean
  let metrics: Registry

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'proactive-pipeline-'))
    effects = []
    points = []
    store = Promise.resolve()
    received = []
    commands = { asked: [], run: async () => ({ kind: 'offline' }) }
    failProjection = () => false
    await open()
  })
  afterEach(async () => {
    await close()
    await rm(folder, { recursive: true })
  })

  async function open(): Promise<void> {
    log = await createSqliteLog({
      file: join(folder, 'log.sqlite'),
      consumers: ['faults', 'metrics'],
      trimEveryMs: 20,
    })
  }
  async function close(): Promise<void> {
    await pipeline.stop()
    await log.stop()
  }

  function start(core: FaultCore<CountingState>): void {
    metrics = new Registry()
    const dispatcher: CommandDispatcher = {
      run: ({ request }) => {
        commands.asked.push(request)
        return commands.run(request)
      },
      stop: () => undefined,
    }
    pipeline = createPipeline({
      log,
      core,
      fleet: createFleetCore({ env: 'test' }),
      commands: dispatcher,
      projector: {
        async project(effect) {
          if (failProjection(effect)) throw new Error('the database is away')
          effects.push(effect)
        },
      },
      writer: {
        async write(written) {
          await store
          points.push(...written)
        },
      },
      metrics,
      logger: pino({ level: 'silent' }),
      nowMs: Date.now,
      onStored: (_locationId, _newestAtMs, receivedAtMs) => void received.push(receivedAtMs),
      onFailure: (error) => {
        throw error
      },
    })
    pipeline.start()
  }

  const send = (kind: 'birth' | 'telemetry', message: Birth | Telemetry) =>
    log.append(
      {
        from: 'appliance',
        locationId: 'loc-1',
        applianceId: 'ap-1',
        kind,
        payload:
          kind === 'birth' ? encode('birth', message as Birth) : encode('telemetry', message as Telemetry),
      },
      'session',
    )
  const sentences = () => effects.flatMap((effect) => (effect.type === 'view' ? [effect.view.sentence] : []))
  const value = async (name: string) =>
    ((await metrics.getSingleMetric(name)?.get())?.values ?? []).reduce(
      (sum, sample) => sum + sample.value,
      0,
    )

  it('takes what an appliance resends once, also after a restart', async () => {
    const core = countingCore((count) => ({ effects: [view(`${count} facts`)] }))
    start(core)
    for (const seq of [1, 2, 1, 2, 3]) await send('telemetry', telemetry(seq))
    await expect.poll(() => sentences().at(-1)).toBe('3 facts')
    await close()
    await open()
    start(core)
    for (const seq of [2, 3, 4]) await send('telemetry', telemetry(seq))
    await expect.poll(() => sentences().at(-1)).toBe('4 facts')
    expect(await value('proactive_pipeline_repeats_total')).toBe(4)
  })

  it('carries out incidents in order and once each, through a failure and a restart', async () => {
    const core = countingCore((count) => ({ effects: [incident(`k${count}`)] }))
    let failures = 2
    failProjection = () => failures-- > 0
    start(core)
    for (const seq of [1, 2, 3]) await send('telemetry', telemetry(seq))
    const keys = () => effects.map((effect) => (effect.type === 'incident' ? effect.report.key : ''))
    await expect.poll(keys, { timeout: 3_000 }).toEqual(['k1', 'k2', 'k3'])
    await close()
    await open()
    start(core)
    await send('telemetry', telemetry(4))
    await expect.poll(keys).toEqual(['k1', 'k2', 'k3', 'k4'])
  })

  it('wakes a Location once at its due time, and again only for a new one', async () => {
    const core = countingCore((count) => ({
      wakeAtMs: count === 1 ? Date.now() + 30 : null,
      effects: [view(`${count} facts`)],
    }))
    start(core)
    await pipeline.configure({ locationId: 'loc-1' } as Parameters<Pipeline['configure']>[0])
    await expect.poll(() => sentences().at(-1)).toBe('2 facts')
    const records = []
    for await (const batch of log.read(log.partitionOf('loc-1'), 0, AbortSignal.timeout(300)))
      records.push(...batch)
    expect(
      records.filter(({ entry }) => entry.from === 'ingest' && entry.event.type === 'woke').length,
    ).toBeLessThanOrEqual(1)
  })

  it('keeps a wish to be woken over a restart', async () => {
    const core = countingCore((count) => ({
      wakeAtMs: count === 1 ? Date.now() + 400 : null,
      effects: [view(`${count} facts`)],
    }))
    start(core)
    await send('telemetry', telemetry(1))
    await expect.poll(() => sentences().at(-1)).toBe('1 facts')
    await close()
    await open()
    start(core)
    await expect.poll(() => sentences().at(-1)).toBe('2 facts')
  })

  it.each([
    ['a reply', 'reply', { kind: 'answered', result: result([{ answer: 'timeout' }, { answer: 'reply' }]) }],
    ['silence', 'silent', { kind: 'answered', result: result([{ answer: 'timeout' }]) }],
    ['no connection', 'unavailable', { kind: 'offline' }],
  ] as const)('asks a probe of the core, and tells %s in the log', async (_, answer, outcome) => {
    commands.run = async () => outcome as unknown as CommandOutcome
    const probe = { type: 'probe', probeId: 'pr-1', applianceId: 'ap-1', deviceId: 'd-1' } as const
    start(countingCore((count) => ({ effects: count === 1 ? [probe] : [] })))
    await send('telemetry', telemetry(1))
    const told = await nextEvent('probe-answered')
    expect(told).toEqual({ type: 'probe-answered', probeId: 'pr-1', deviceId: 'd-1', answer })
    expect(commands.asked).toEqual([{ action: 'probe', deviceId: 'd-1' }])
  })

  it('tells when what the store took now had come, however long the store was away', async () => {
    let comeBack: () => void = () => undefined
    store = new Promise((resolve) => {
      comeBack = resolve
    })
    start(countingCore(() => ({})))
    await send('birth', birth)
    await send('telemetry', telemetry(1))
    const sentBy = Date.now()
    await expect.poll(Date.now).toBeGreaterThan(sentBy)
    comeBack()
    await expect.poll(() => received.length).toBe(1)
    expect(received[0]).toBeLessThanOrEqual(sentBy)
  })

  it('writes telemetry under the names of the last birth, once, also when that was before a restart', async () => {
    const core = countingCore(() => ({}))
    start(core)
    await send('birth', birth)
    await send('telemetry', telemetry(1))
    await send('telemetry', telemetry(2, 99))
    await expect.poll(() => points.length).toBe(1)
    await close()
    await open()
    start(core)
    await send('telemetry', telemetry(2, 99))
    await send('telemetry', telemetry(3))
    await expect.poll(() => points.length).toBe(2)
    expect(
      points.map(({ subjectId, kind, family, atMs, fields }) => [
        subjectId,
        kind,
        family,
        atMs,
        fields.get('rttP50Ms'),
      ]),
    ).toEqual([
      ['internet', 'wan', 'wan', 1_700_000_000_001, 1],
      ['internet', 'wan', 'wan', 1_700_000_000_003, 3],
    ])
  })

  async function nextEvent(type: string): Promise<unknown> {
    for await (const batch of log.read(log.partitionOf('loc-1'), 0, AbortSignal.timeout(5_000))) {
      for (const { entry } of batch)
        if (entry.from === 'ingest' && entry.event.type === type) return entry.event
    }
    return undefined
  }
})

function result(evidence: readonly { answer: string }[]) {
  return { v: 1, commandId: 'c', seq: 0, isFinal: true, outcome: { status: 'ok', evidence } }
}
