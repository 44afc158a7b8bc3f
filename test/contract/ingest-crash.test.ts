import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Birth, Telemetry } from '@proactive/shared'
import { encode } from '@proactive/shared/codec'
import { claimSchema, seriesSchema } from '@proactive/shared/http'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  enrollWith,
  type IngestProcess,
  ingestCommand,
  logInAt,
  startIngestProcess,
} from './ingest-process.ts'

const total = 1_500
const window = 32
const stepMs = 1_000

describe('the ingest, killed in the middle of a stream', () => {
  let folder = ''
  let ingest: IngestProcess
  let client: MqttClient | undefined
  const env = () => ({
    ...process.env,
    PROACTIVE_DATA: folder,
    PROACTIVE_WEB_PORT: '0',
    PROACTIVE_MQTT_PORT: '0',
    PROACTIVE_ENROLL_PORT: '0',
    // Nobody listens there: Issues wait in the outbox.
    PROACTIVE_HELPDESK_URL: 'http://127.0.0.1:1',
  })

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'proactive-crash-'))
  })
  afterEach(async () => {
    client?.end(true)
    await ingest.kill('SIGTERM')
    await rm(folder, { recursive: true })
  })

  it('has every acknowledged batch in the store exactly once, through two kills', async () => {
    const demo = JSON.parse(await ingestCommand(env(), 'seed-demo', '--json'))
    const technician = demo.users[0]
    ingest = await startIngestProcess(env())
    const ask = await logInAt(ingest.web, technician.email, technician.password)
    const claim = claimSchema.parse(await ask('POST', `/api/locations/${demo.locationId}/claims`, {}))
    const identity = await enrollWith(claim.bundle)
    const prefix = `proactive/v1/${demo.locationId}/${identity.applianceId}`
    const startMs = Math.floor(Date.now() / stepMs) * stepMs - (total + 60) * stepMs

    const publish = (kind: 'birth' | 'telemetry', payload: Uint8Array) =>
      client?.publishAsync(`${prefix}/${kind}`, Buffer.from(payload), { qos: 1 })
    const connect = async () => {
      client = await connectAsync(`mqtts://${ingest.mqtt}`, {
        clientId: identity.applianceId,
        key: identity.keyPem,
        cert: identity.certificatePem,
        ca: identity.caPem,
        keepalive: 15,
        reconnectPeriod: 0,
      })
      client.on('error', () => undefined)
      await publish('birth', encode('birth', birth(startMs)))
    }

    const acknowledged = new Set<number>()
    /** Sends what is not acknowledged, in order, a window at a time; ends when all is, or the connection breaks. */
    async function drain(stopAfter: number): Promise<void> {
      for (let from = 1; from <= total && acknowledged.size < stopAfter; ) {
        const batch = []
        while (batch.length < window && from <= total) {
          if (!acknowledged.has(from)) batch.push(from)
          from++
        }
        await Promise.allSettled(
          batch.map(async (seq) => {
            await publish('telemetry', encode('telemetry', telemetry(startMs, seq)))
            acknowledged.add(seq)
          }),
        )
      }
    }

    for (const stopAfter of [total / 3, (total * 2) / 3]) {
      await connect()
      const killed = drain(Number.POSITIVE_INFINITY)
      while (acknowledged.size < stopAfter) await new Promise((resolve) => setImmediate(resolve))
      await ingest.kill('SIGKILL')
      client?.end(true)
      await killed
      ingest = await startIngestProcess(env())
    }
    await connect()
    await drain(total)
    expect(acknowledged.size).toBe(total)

    const again = await logInAt(ingest.web, technician.email, technician.password)
    const chart = async () => {
      const query = `family=wan&subject=internet&field=rttP50Ms&fromMs=${startMs}&toMs=${startMs + (total + 1) * stepMs}&points=2000`
      return seriesSchema.parse(await again('GET', `/api/locations/${demo.locationId}/series?${query}`))
    }
    const seen = async () => (await chart()).mean.flatMap((value) => (value === null ? [] : [value]))
    await expect.poll(async () => (await seen()).length, { timeout: 10_000 }).toBe(total)
    expect(await seen()).toEqual(Array.from({ length: total }, (_, index) => index + 1))
    const { bucketMs } = await chart()
    expect(bucketMs).toBe(stepMs)
  })
})

const birth = (atMs: number): Birth => ({
  v: 1,
  bootEpoch: 1,
  atMs,
  clock: 'synced',
  agentVersion: '0.1.0',
  networks: [],
  uplinks: [],
  desiredVersion: 0,
  devices: [],
  targets: [{ alias: 1, id: 'internet', kind: 'wan', name: 'internet' }],
})

const telemetry = (startMs: number, seq: number): Telemetry => ({
  v: 1,
  bootEpoch: 1,
  lane: 'live',
  seq,
  atMs: startMs + seq * stepMs,
  clock: 'synced',
  windowMs: 1_000,
  rows: { wan: [[1, 1, seq, null, null, 0, null]] },
})
