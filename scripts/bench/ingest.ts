import { join } from 'node:path'
import type { Birth } from '@proactive/shared'
import { encode } from '@proactive/shared/codec'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createCommandDispatcher } from '../../ingest/src/commands/dispatcher.ts'
import { createFaultCore, createFleetCore } from '../../ingest/src/faults/index.ts'
import { createSqliteLog } from '../../ingest/src/log/sqlite-log.ts'
import { createInflux1Store } from '../../ingest/src/metrics/influx/influx1-store.ts'
import { createMetricWriter } from '../../ingest/src/metrics/metric-writer.ts'
import { createPipeline } from '../../ingest/src/pipeline/pipeline.ts'
import { type ApplianceIdentity, startCloudDoor } from '../../test/contract/cloud-door.ts'
import { startInfluxd } from '../influxd/influxd.ts'
import { createBareWriter, validityOf } from './bare-writer.ts'
import { type Bench, type BenchContext, type BenchResult, median } from './bench.ts'
import { cpuSecondsOf, ownCpuSeconds } from './cpu-time.ts'
import { createFleet } from './fleet-points.ts'
import { startMqttLoad } from './mqtt-load.ts'
import type { PublisherIdentity } from './mqtt-publisher.ts'

const shops = 200
const devicesPerShop = 50
/** Windows that each shop sends per round. */
const windowsPerRound = 40
const roundPairs = 3
/** Unacknowledged messages of one appliance. */
const window = 8
/** Time between two windows of a shop: short, so that a round's telemetry is fresh for the fault core. */
const tickMs = 100
const roundDeadlineMs = 90_000

/** Telemetry through the whole ingest into InfluxDB, beside a bare writer on the same server. */
export const ingestBench: Bench = {
  name: 'ingest',
  summary: 'telemetry over MQTT through log, fault core and writer into InfluxDB, beside a bare writer',
  tools: ['influxdb'],
  async run(context) {
    const stops: (() => Promise<unknown>)[] = []
    try {
      return await compare(context, (stop) => stops.push(stop))
    } finally {
      for (const stop of stops.reverse()) await stop()
    }
  },
}

async function compare(
  { say, workDir }: BenchContext,
  atEnd: (stop: () => Promise<unknown>) => void,
): Promise<BenchResult> {
  const server = await startInfluxd({ dataDir: join(workDir, 'influxd') })
  atEnd(server.stop)
  const { stored, door, failed } = await startIngest(server.url, workDir, atEnd)

  say(`${shops} appliances get their certificates and connect`)
  const identities = await Promise.all(
    Array.from({ length: shops }, (_, index) => door.createAppliance(`shop-${index + 1}`)),
  )
  const load = await startMqttLoad(door.mqtt.port, identities.map(publisherOf))
  atEnd(load.stop)

  const startMs = Date.now()
  const fleetFrom = (firstMs: number) =>
    createFleet({ name: 'shop', shops, devicesPerShop, readers: 1, startMs: firstMs, tickMs })
  const ourFleet = fleetFrom(startMs)
  const bareFleet = fleetFrom(startMs - 86_400_000)
  const [first] = ourFleet.ofShop(0, 0, 1)
  await load.publish('birth', [[encode('birth', birth(first?.batch.bootEpoch ?? 0, startMs))]], 1)
  const bareWriter = createBareWriter(server.url)
  atEnd(bareWriter.stop)
  let bareTick = 0
  let ourTick = 0

  const ourRound = async () => {
    const payloads = identities.map((_, shop) =>
      ourFleet.ofShop(shop, ourTick, windowsPerRound).map(({ batch }) => encode('telemetry', batch)),
    )
    ourTick += windowsPerRound
    const lines = shops * devicesPerShop * windowsPerRound
    const target = stored() + lines
    const deadline = performance.now() + roundDeadlineMs
    return timed(server.pid, async () => {
      const { ackP99Ms, cpuSeconds } = await load.publish('telemetry', payloads, window)
      while (stored() < target) {
        const failure = failed()
        if (failure !== undefined) throw failure
        if (performance.now() > deadline)
          throw new Error(`${target - stored()} of ${lines} lines were not stored in time`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      return { lines, ackP99Ms, loadCpuSeconds: cpuSeconds }
    })
  }
  const bareRound = () =>
    timed(server.pid, async () => {
      const lastTick = bareTick + windowsPerRound
      const lines = await bareWriter.write(
        bareFleet,
        () => bareTick++,
        () => bareTick >= lastTick,
      )
      return { lines, ackP99Ms: 0, loadCpuSeconds: 0 }
    })

  say('warming up: every series is registered once')
  await ourRound()
  await bareRound()
  const rounds = { bare: [] as Round[], ours: [] as Round[] }
  for (let pair = 0; pair < roundPairs; pair++) {
    // Each goes first every other time: the server slows down as it fills.
    for (const name of pair % 2 === 0 ? (['bare', 'ours'] as const) : (['ours', 'bare'] as const)) {
      const round = await (name === 'bare' ? bareRound() : ourRound())
      rounds[name].push(round)
      say(
        `${name}: ${Math.round(round.linesPerSecond).toLocaleString('en-US')} lines/s, processor per line: ` +
          `${round.ownCpuPerLine.toFixed(1)} µs ours, ${round.serverCpuPerLine.toFixed(1)} µs InfluxDB, ${round.loadCpuPerLine.toFixed(1)} µs appliances`,
      )
    }
  }
  const of = (name: keyof typeof rounds, pick: (round: Round) => number) => median(rounds[name].map(pick))
  const bareRate = of('bare', (round) => round.linesPerSecond)
  const ourRate = of('ours', (round) => round.linesPerSecond)
  const missing = stored() - (await countStored(server.url, startMs))
  return {
    figures: [
      { name: 'bare writer', value: bareRate, unit: 'lines/s' },
      { name: 'ingest', value: ourRate, unit: 'lines/s' },
      { name: 'ingest / bare writer', value: ourRate / bareRate, unit: 'ratio', atLeast: 0.9 },
      { name: 'lines missing in InfluxDB', value: missing, unit: 'lines', atMost: 0 },
      { name: 'ingest, processor', value: of('ours', (round) => round.ownCpuPerLine), unit: 'µs/line' },
      {
        name: 'InfluxDB below the ingest, processor',
        value: of('ours', (round) => round.serverCpuPerLine),
        unit: 'µs/line',
      },
      {
        name: 'InfluxDB below the bare writer, processor',
        value: of('bare', (round) => round.serverCpuPerLine),
        unit: 'µs/line',
      },
      {
        name: 'appliances played, processor',
        value: of('ours', (round) => round.loadCpuPerLine),
        unit: 'µs/line',
      },
      { name: 'PUBACK p99 at that rate', value: of('ours', (round) => round.ackP99Ms), unit: 'ms' },
    ],
    ...validityOf(bareRate),
  }
}

interface Round {
  readonly linesPerSecond: number
  readonly ownCpuPerLine: number
  readonly serverCpuPerLine: number
  readonly loadCpuPerLine: number
  readonly ackP99Ms: number
}

async function timed(
  serverPid: number,
  work: () => Promise<{ lines: number; ackP99Ms: number; loadCpuSeconds: number }>,
): Promise<Round> {
  const cpu = { own: ownCpuSeconds(), server: cpuSecondsOf(serverPid) }
  const startedAt = performance.now()
  const { lines, ackP99Ms, loadCpuSeconds } = await work()
  const seconds = (performance.now() - startedAt) / 1_000
  const perLine = (cpuSeconds: number) => (cpuSeconds * 1e6) / lines
  return {
    linesPerSecond: lines / seconds,
    ownCpuPerLine: perLine(ownCpuSeconds() - cpu.own - loadCpuSeconds),
    serverCpuPerLine: perLine(cpuSecondsOf(serverPid) - cpu.server),
    loadCpuPerLine: perLine(loadCpuSeconds),
    ackP99Ms,
  }
}

/** The real thing behind one door: gateway, log, fault core, metric writer. Only what makes rows of incidents is left out. */
async function startIngest(
  influxUrl: string,
  workDir: string,
  atEnd: (stop: () => Promise<unknown>) => void,
) {
  const registry = new Registry()
  const logger = pino({ level: 'silent' })
  const store = createInflux1Store({ url: influxUrl, nowMs: Date.now })
  await store.start()
  atEnd(store.stop)
  const writer = createMetricWriter({ store, registry, nowMs: Date.now })
  atEnd(writer.stop)
  const log = await createSqliteLog({
    file: join(workDir, 'log', 'log.sqlite'),
    consumers: ['faults', 'metrics'],
  })
  atEnd(log.stop)
  const door = await startCloudDoor({ log, dataDir: join(workDir, 'door') })
  atEnd(door.stop)
  let storedLines = 0
  let failure: Error | undefined
  const pipeline = createPipeline({
    log,
    core: createFaultCore({ env: 'bench', profile: 'production' }),
    fleet: createFleetCore({ env: 'bench' }),
    commands: createCommandDispatcher({ link: door.gateway, metrics: registry }),
    projector: { project: async () => undefined },
    writer: {
      async write(points) {
        await writer.write(points)
        storedLines += points.length
      },
    },
    metrics: registry,
    logger,
    nowMs: Date.now,
    onStored: () => undefined,
    onFailure: (error) => {
      failure = error
    },
  })
  pipeline.start()
  atEnd(pipeline.stop)
  return { door, stored: () => storedLines, failed: () => failure }
}

/** The inventory that the sample telemetry is about; the same for every shop. */
function birth(bootEpoch: number, atMs: number): Birth {
  return {
    v: 1,
    bootEpoch,
    atMs,
    clock: 'synced',
    agentVersion: '0.0.0',
    networks: ['192.168.77.0/24'],
    uplinks: [{ id: 'primary', kind: 'primary', interface: 'eth0', hasCarrier: true }],
    desiredVersion: 0,
    devices: Array.from({ length: devicesPerShop }, (_, index) => ({
      alias: index + 1,
      id: `d-${index + 1}`,
      role: index === 0 ? 'router' : 'pos-terminal',
      confidence: 0.9,
      ips: [`192.168.77.${index + 1}`],
      macs: [],
      isSleeper: false,
      isGateway: index === 0,
      firstSeenMs: atMs,
      evidence: [],
    })),
    targets: [],
  }
}

function publisherOf({ applianceId, locationId, key, cert, ca }: ApplianceIdentity): PublisherIdentity {
  return { clientId: applianceId, locationId, tls: { key, cert, ca } }
}

/** Lines that InfluxDB holds since `fromMs`, by a field that every line has. */
async function countStored(url: string, fromMs: number): Promise<number> {
  const query = `select count(presenceRatio) from raw.device where time >= ${fromMs}ms`
  const response = await fetch(`${url}/query?db=proactive&epoch=ms&q=${encodeURIComponent(query)}`)
  const [, count] = /"values":\[\[\d+,(\d+)\]\]/.exec(await response.text()) ?? []
  return Number(count ?? 0)
}
