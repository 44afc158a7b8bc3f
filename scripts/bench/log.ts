import { createServer } from 'node:net'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import { encode } from '@proactive/shared/codec'
import { createSqliteLog } from '../../ingest/src/log/sqlite-log.ts'
import { type ApplianceIdentity, startCloudDoor } from '../../test/contract/cloud-door.ts'
import { type Bench, type BenchContext, type Figure, median } from './bench.ts'
import { othersShareOf, ownCpuSeconds } from './cpu-time.ts'
import { type MqttLoad, startMqttLoad } from './mqtt-load.ts'
import type { PublisherIdentity } from './mqtt-publisher.ts'
import { createSampleShop } from './sample-telemetry.ts'

const appliances = 200
const messagesPerAppliance = 300
/** Unacknowledged messages of one appliance. */
const window = 20
const rounds = 3
const appends = 60_000
/** Above this share of the machine in other programs' hands a rate says nothing. */
const maxOthersShare = 0.2

/** Acknowledged messages per second: durably in the log before the PUBACK, beside a broker that only keeps them in memory. */
export const logBench: Bench = {
  name: 'log',
  summary: 'QoS 1 messages acknowledged once they are durable, beside aedes in memory',
  tools: [],
  async run(context) {
    const payloads = sampleBatches()
    const { result: figures, othersShare } = await othersShareOf(async () => [
      ...(await measureAppends(context, payloads)),
      ...(await measureDoor(context, payloads)),
    ])
    if (othersShare <= maxOthersShare) return { figures }
    const percent = Math.round(othersShare * 100)
    return { figures, invalid: `other programs used ${percent} % of the machine meanwhile` }
  },
}

/** Telemetry of a shop with four devices: what most messages are. */
function sampleBatches(): Uint8Array[] {
  const shop = createSampleShop({ devices: 4, seed: 7, startMs: Date.now() - 3_600_000 })
  return Array.from({ length: messagesPerAppliance }, (_, index) => encode('telemetry', shop.batch(index)))
}

async function measureAppends(
  { say, workDir }: BenchContext,
  payloads: readonly Uint8Array[],
): Promise<Figure[]> {
  say(`${appends.toLocaleString('en-US')} appends from ${appliances} sessions, without the network`)
  const log = await createSqliteLog({ file: join(workDir, 'appends', 'log.sqlite'), consumers: [] })
  try {
    const startedAt = performance.now()
    const session = async (index: number) => {
      const underWay = new Set<Promise<unknown>>()
      for (let count = 0; count < appends / appliances; count++) {
        const entry = {
          from: 'appliance',
          locationId: `shop-${index}`,
          applianceId: `box-${index}`,
          kind: 'telemetry',
          payload: payloads[count % payloads.length] ?? new Uint8Array(),
        } as const
        const append = log.append(entry, entry.applianceId).finally(() => underWay.delete(append))
        underWay.add(append)
        if (underWay.size >= window) await Promise.race(underWay)
      }
      await Promise.all(underWay)
    }
    await Promise.all(Array.from({ length: appliances }, (_, index) => session(index)))
    const perSecond = appends / ((performance.now() - startedAt) / 1_000)
    return [{ name: 'embedded log, appends on disk', value: perSecond, unit: 'appends/s' }]
  } finally {
    await log.stop()
  }
}

async function measureDoor(
  { say, workDir }: BenchContext,
  payloads: readonly Uint8Array[],
): Promise<Figure[]> {
  say(`${appliances} appliances get their certificates`)
  const log = await createSqliteLog({ file: join(workDir, 'door', 'log.sqlite'), consumers: [] })
  const door = await startCloudDoor({ log, dataDir: join(workDir, 'door') })
  const identities = await Promise.all(
    Array.from({ length: appliances }, (_, index) => door.createAppliance(`shop-${index}`)),
  )
  const plain = await startMemoryBroker()
  const loads: MqttLoad[] = []
  try {
    const ours = await startMqttLoad(
      door.mqtt.port,
      identities.map((identity) => publisherOf(identity, true)),
    )
    loads.push(ours)
    const peer = await startMqttLoad(
      plain.port,
      identities.map((identity) => publisherOf(identity, false)),
    )
    loads.push(peer)
    const rates = { ours: [] as number[], peer: [] as number[] }
    const waits: number[] = []
    const costs: number[] = []
    for (let round = 0; round < rounds; round++) {
      for (const [name, load] of [
        ['ours', ours],
        ['peer', peer],
      ] as const) {
        const cpuBefore = ownCpuSeconds()
        const { messages, seconds, ackP50Ms, ackP99Ms, cpuSeconds } = await load.publish(
          'telemetry',
          [payloads],
          window,
        )
        rates[name].push(messages / seconds)
        if (name === 'ours') {
          waits.push(ackP99Ms)
          costs.push(((ownCpuSeconds() - cpuBefore - cpuSeconds) * 1e6) / messages)
        }
        say(
          `${name === 'ours' ? 'gateway, durable, mutual TLS' : 'aedes in memory, plain TCP'}: ` +
            `${Math.round(messages / seconds).toLocaleString('en-US')} msg/s, PUBACK p50 ${ackP50Ms.toFixed(0)} ms, p99 ${ackP99Ms.toFixed(0)} ms`,
        )
      }
    }
    return [
      { name: 'gateway, durable, mutual TLS', value: median(rates.ours), unit: 'msg/s', atLeast: 15_000 },
      { name: 'gateway, PUBACK p99 at that rate', value: median(waits), unit: 'ms' },
      { name: 'gateway and log, processor', value: median(costs), unit: 'µs/msg' },
      { name: 'aedes in memory, plain TCP', value: median(rates.peer), unit: 'msg/s' },
    ]
  } finally {
    for (const load of loads) await load.stop()
    await plain.stop()
    await door.stop()
    await log.stop()
  }
}

function publisherOf(
  { applianceId, locationId, key, cert, ca }: ApplianceIdentity,
  hasTls: boolean,
): PublisherIdentity {
  return {
    clientId: applianceId,
    locationId,
    ...(hasTls ? { tls: { key, cert, ca } } : {}),
  }
}

/** The broker as it comes: acknowledges at once, keeps nothing on disk. */
async function startMemoryBroker(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const broker = await Aedes.createBroker()
  const server = createServer({ noDelay: true }, broker.handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async stop() {
      server.close()
      await new Promise<void>((resolve) => broker.close(resolve))
    },
  }
}
