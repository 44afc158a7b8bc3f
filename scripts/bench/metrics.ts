import { join } from 'node:path'
import { Registry } from 'prom-client'
import { createInflux1Store } from '../../ingest/src/metrics/influx/influx1-store.ts'
import type { MetricStore } from '../../ingest/src/metrics/metric-store.ts'
import { createMetricWriter } from '../../ingest/src/metrics/metric-writer.ts'
import { createSqliteStore } from '../../ingest/src/metrics/sqlite/sqlite-store.ts'
import { startInfluxd } from '../influxd/influxd.ts'
import { createBareWriter, validityOf } from './bare-writer.ts'
import { type Bench, type BenchContext, type Figure, median, percentile } from './bench.ts'
import { cpuSecondsOf, ownCpuSeconds } from './cpu-time.ts'
import { createFleet, type Fleet } from './fleet-points.ts'

const roundMs = 6_000
const roundPairs = 4
/** Partitions of the log, each with a reader that takes so many batches at once. */
const readers = 16
const batchesPerRead = 64
const dayMs = 86_400_000

/** Points per second into InfluxDB, beside a writer that does nothing but send ready lines; then the embedded store. */
export const metricsBench: Bench = {
  name: 'metrics',
  summary: 'telemetry into InfluxDB, beside a bare writer on the same server; the embedded store',
  tools: ['influxdb'],
  async run(context) {
    const writing = await compareWriting(context)
    const embedded = await measureEmbedded(context)
    return { figures: [...writing.figures, ...embedded], ...validityOf(writing.bareLinesPerSecond) }
  },
}

interface Round {
  readonly linesPerSecond: number
  readonly ownCpuPerLine: number
  readonly serverCpuPerLine: number
}

async function compareWriting({ say, workDir }: BenchContext) {
  say('starting influxd, drawing 10,000 devices')
  const server = await startInfluxd({ dataDir: join(workDir, 'influxd') })
  const fleetFrom = (startMs: number) =>
    createFleet({ name: 'shop', shops: 200, devicesPerShop: 50, readers, startMs, tickMs: 30_000 })
  // The same series, at times of their own: nobody overwrites the other's points.
  const bareFleet = fleetFrom(Date.now() - dayMs)
  const ourFleet = fleetFrom(Date.now() - dayMs / 2)
  const store = createInflux1Store({ url: server.url, nowMs: Date.now })
  await store.start()
  const writer = createMetricWriter({ store, registry: new Registry(), nowMs: Date.now })
  let tick = 0
  const measured = async (work: (isOver: () => boolean) => Promise<number>): Promise<Round> => {
    const startedAt = performance.now()
    const cpu = { own: ownCpuSeconds(), server: cpuSecondsOf(server.pid) }
    const lines = await work(() => performance.now() - startedAt > roundMs)
    const seconds = (performance.now() - startedAt) / 1_000
    return {
      linesPerSecond: lines / seconds,
      ownCpuPerLine: ((ownCpuSeconds() - cpu.own) * 1e6) / lines,
      serverCpuPerLine: ((cpuSecondsOf(server.pid) - cpu.server) * 1e6) / lines,
    }
  }
  const bareWriter = createBareWriter(server.url)
  const bareRound = () => measured((isOver) => bareWriter.write(bareFleet, () => tick++, isOver))
  const ourRound = () => measured((isOver) => writeOurs(writer.write, ourFleet, isOver))
  try {
    say('warming up: every series is registered once')
    await bareWriter.write(bareFleet, () => tick++, once())
    await bareRound()
    const bare: Round[] = []
    const ours: Round[] = []
    for (let pair = 0; pair < roundPairs; pair++) {
      // Each goes first every other time: the server slows down as it fills.
      const order = pair % 2 === 0 ? [bareRound, ourRound] : [ourRound, bareRound]
      for (const round of order) {
        const result = await round()
        ;(round === bareRound ? bare : ours).push(result)
        say(
          `${round === bareRound ? 'bare' : 'ours'}: ${Math.round(result.linesPerSecond).toLocaleString('en-US')} lines/s, ` +
            `${result.ownCpuPerLine.toFixed(1)} + ${result.serverCpuPerLine.toFixed(1)} µs/line (client + server)`,
        )
      }
    }
    const of = (rounds: readonly Round[], pick: (round: Round) => number) => median(rounds.map(pick))
    const bareRate = of(bare, ({ linesPerSecond }) => linesPerSecond)
    const ourRate = of(ours, ({ linesPerSecond }) => linesPerSecond)
    const figures: Figure[] = [
      { name: 'bare writer', value: bareRate, unit: 'lines/s' },
      { name: 'metric writer', value: ourRate, unit: 'lines/s' },
      { name: 'metric writer / bare writer', value: ourRate / bareRate, unit: 'ratio', atLeast: 0.9 },
      {
        name: 'bare writer, own processor',
        value: of(bare, (round) => round.ownCpuPerLine),
        unit: 'µs/line',
      },
      {
        name: 'metric writer, own processor',
        value: of(ours, (round) => round.ownCpuPerLine),
        unit: 'µs/line',
      },
      { name: 'InfluxDB, processor', value: of(bare, (round) => round.serverCpuPerLine), unit: 'µs/line' },
      ...(await measureQueries('InfluxDB', store, say)),
    ]
    return { figures, bareLinesPerSecond: bareRate }
  } finally {
    await writer.stop()
    await store.stop()
    await bareWriter.stop()
    await server.stop()
  }
}

/** True from its second call on. */
function once(): () => boolean {
  let calls = 0
  return () => calls++ > 0
}

/** What the consumers of the log do: read a run of batches, make points of them, go on when they are stored. */
async function writeOurs(
  write: (points: ReturnType<Fleet['pointsOf']>) => Promise<void>,
  fleet: Fleet,
  isOver: () => boolean,
): Promise<number> {
  let lines = 0
  const read = async (reader: number) => {
    while (!isOver()) {
      const points = fleet.pointsOf(fleet.next(reader, batchesPerRead))
      await write(points)
      lines += points.length
    }
  }
  await Promise.all(Array.from({ length: readers }, (_, reader) => read(reader)))
  return lines
}

async function measureEmbedded({ say, workDir }: BenchContext): Promise<Figure[]> {
  say('the embedded store: 3,200 devices')
  const store = createSqliteStore({ dataDir: join(workDir, 'sqlite'), nowMs: Date.now })
  await store.start()
  const writer = createMetricWriter({ store, registry: new Registry(), nowMs: Date.now })
  const fleet = createFleet({
    name: 'shop',
    shops: 64,
    devicesPerShop: 50,
    readers,
    startMs: Date.now() - dayMs / 2,
    tickMs: 30_000,
  })
  try {
    const startedAt = performance.now()
    const cpu = ownCpuSeconds()
    const rows = await writeOurs(writer.write, fleet, () => performance.now() - startedAt > roundMs)
    const seconds = (performance.now() - startedAt) / 1_000
    return [
      { name: 'embedded store', value: rows / seconds, unit: 'rows/s' },
      { name: 'embedded store, processor', value: ((ownCpuSeconds() - cpu) * 1e6) / rows, unit: 'µs/row' },
      ...(await measureQueries('embedded store', store, say)),
    ]
  } finally {
    await writer.stop()
    await store.stop()
  }
}

/** One device's day in 300 buckets, and a Location's newest rows, as its page asks for them. */
async function measureQueries(
  name: string,
  store: MetricStore,
  say: (line: string) => void,
): Promise<Figure[]> {
  say(`${name}: a day of 40 devices, then queries`)
  const toMs = Date.now()
  const fleet = createFleet({
    name: 'day',
    shops: 1,
    devicesPerShop: 40,
    readers: 1,
    startMs: toMs - dayMs,
    tickMs: 30_000,
  })
  const ticksPerDay = dayMs / 30_000
  for (let tick = 0; tick < ticksPerDay; tick += 100) {
    const outcome = await store.write(fleet.pointsOf(fleet.next(0, 100)))
    if (outcome.kind !== 'ok') throw new Error(`${name}: ${outcome.reason}`)
  }
  const dayTimes: number[] = []
  const newestTimes: number[] = []
  for (let round = 0; round < 60; round++) {
    const query = {
      family: 'device',
      subject: `d-${(round % 40) + 1}`,
      field: 'rttP50Ms',
      fromMs: toMs - dayMs,
      toMs,
      points: 300,
    } as const
    dayTimes.push(await milliseconds(() => store.series('day-1', query)))
    newestTimes.push(await milliseconds(() => store.latest('day-1', toMs - dayMs)))
  }
  const isEmbedded = name !== 'InfluxDB'
  return [
    {
      name: `${name}, a device's day, p50`,
      value: median(dayTimes),
      unit: 'ms',
      ...(isEmbedded ? { atMost: 10 } : {}),
    },
    { name: `${name}, a device's day, p99`, value: percentile(dayTimes, 0.99), unit: 'ms' },
    { name: `${name}, newest rows of 40 devices, p50`, value: median(newestTimes), unit: 'ms' },
  ]
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}
