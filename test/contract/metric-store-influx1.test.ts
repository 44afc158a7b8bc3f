import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RowFamily } from '@proactive/shared'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMetricStore } from '../../ingest/src/metrics/create-metric-store.ts'
import { createInflux1Store } from '../../ingest/src/metrics/influx/influx1-store.ts'
import type { Point } from '../../ingest/src/metrics/metric-store.ts'
import { type RunningInfluxd, startInfluxd } from '../../scripts/influxd/influxd.ts'
import { metricStoreContract, type StoredRow } from './metric-store.ts'
import { describeWith } from './on-path.ts'

const dayMs = 86_400_000

/** A private influxd in a folder of its own, that can go away and come back on its port. */
async function startServer() {
  const dataDir = await mkdtemp(join(tmpdir(), 'proactive-influxd-'))
  let server: RunningInfluxd = await startInfluxd({ dataDir })
  const { url } = server
  return {
    url,
    ask: async (text: string) => {
      const response = await fetch(`${url}/query?db=proactive&epoch=ms&q=${encodeURIComponent(text)}`, {
        method: 'POST',
      })
      return (await response.json()) as QueryAnswer
    },
    writeLine: async (line: string) => {
      await fetch(`${url}/write?db=proactive&rp=raw&precision=ms`, { method: 'POST', body: line })
    },
    stop: () => server.stop(),
    restart: async () => {
      server = await startInfluxd({ dataDir, port: Number(new URL(url).port) })
    },
    /** Holds its breath: connections stay open, nothing is answered. */
    freeze: () => void process.kill(server.pid, 'SIGSTOP'),
    thaw: () => void process.kill(server.pid, 'SIGCONT'),
    dispose: async () => {
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

interface QueryAnswer {
  readonly results: readonly {
    readonly series?: readonly { readonly columns: readonly string[]; readonly values: (number | null)[][] }[]
  }[]
}

const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

async function rowsOf(
  ask: (text: string) => Promise<QueryAnswer>,
  family: RowFamily,
  locationId: string,
  subjectId: string,
): Promise<StoredRow[]> {
  const where = `where loc = ${quote(locationId)} and dev = ${quote(subjectId)}`
  const answer = await ask(`select * from raw.${family} ${where} group by dev, kind, loc`)
  return (answer.results[0]?.series ?? [])
    .flatMap(({ columns, values }) =>
      values.map(([time, ...cells]) => ({
        atMs: time ?? 0,
        fields: Object.fromEntries(
          cells.flatMap((cell, index) => (cell === null ? [] : [[columns[index + 1] ?? '', cell]])),
        ),
      })),
    )
    .sort((a, b) => a.atMs - b.atMs)
}

describeWith('influxd', 'InfluxDB 1.x', () => {
  metricStoreContract('InfluxDB 1.x', {
    canQuery: true,
    async open() {
      const server = await startServer()
      const store = createInflux1Store({ url: server.url, nowMs: Date.now })
      await store.start().catch(async (error: unknown) => {
        await server.dispose()
        throw error
      })
      return {
        store,
        rowsOf: (family, locationId, subjectId) => rowsOf(server.ask, family, locationId, subjectId),
        interrupt: server.stop,
        restore: server.restart,
        async dispose() {
          await store.stop()
          await server.dispose()
        },
      }
    },
  })

  describe('the InfluxDB 1.x store', () => {
    let server: Awaited<ReturnType<typeof startServer>>
    beforeAll(async () => {
      server = await startServer()
    })
    afterAll(() => server.dispose())

    const open = async (options: { nowMs?: () => number; writeTimeoutMs?: number } = {}) => {
      const store = createInflux1Store({ url: server.url, nowMs: Date.now, ...options })
      await store.start()
      return store
    }
    const point = (subjectId: string, atMs: number, fields: Record<string, number>): Point => ({
      family: 'device',
      locationId: 'shop-1',
      subjectId,
      kind: 'printer',
      atMs,
      fields: new Map(Object.entries(fields)),
    })

    it('is chosen by what /ping answers', async () => {
      const store = await createMetricStore({ influxUrl: server.url, dataDir: '', nowMs: Date.now })
      expect(store.name).toBe('influxdb-1')
    })

    it('makes database and retention once, and leaves a retention that somebody has changed', async () => {
      await (await open()).stop()
      expect(JSON.stringify(await server.ask('show retention policies'))).toContain(
        '"raw","336h0m0s","24h0m0s",1,true',
      )
      await server.ask('alter retention policy raw on proactive duration 30d')
      await (await open()).stop()
      expect(JSON.stringify(await server.ask('show retention policies'))).toContain('"raw","720h0m0s"')
      await server.ask('alter retention policy raw on proactive duration 14d')
    })

    it('gives up a point whose field has another type there, and keeps the others', async () => {
      const store = await open()
      const atMs = Date.now() - 1_000
      await server.writeLine(`device,dev=d-0,kind=printer,loc=shop-1 jitterMs=1i ${atMs}`)
      const outcome = await store.write([
        point('d-1', atMs, { rttP50Ms: 1 }),
        point('d-2', atMs, { jitterMs: 1 }),
        point('d-3', atMs, { rttP50Ms: 3 }),
      ])
      expect(outcome).toEqual({ kind: 'ok', permanent: 1 })
      expect(await rowsOf(server.ask, 'device', 'shop-1', 'd-1')).toHaveLength(1)
      expect(await rowsOf(server.ask, 'device', 'shop-1', 'd-2')).toEqual([])
      expect(await rowsOf(server.ask, 'device', 'shop-1', 'd-3')).toHaveLength(1)
      await store.stop()
    })

    it('gives up points that the server finds beyond its retention, and keeps the others', async () => {
      const store = await open({ nowMs: () => Date.now() - 10 * dayMs })
      const outcome = await store.write([
        point('late-1', Date.now() - 20 * dayMs, { rttP50Ms: 1 }),
        point('late-2', Date.now() - 1_000, { rttP50Ms: 1 }),
      ])
      expect(outcome).toEqual({ kind: 'ok', permanent: 1 })
      expect(await rowsOf(server.ask, 'device', 'shop-1', 'late-2')).toHaveLength(1)
      await store.stop()
    })

    it('retries when the server holds its breath, within the time it was given', async () => {
      const store = await open({ writeTimeoutMs: 500 })
      server.freeze()
      const outcome = await store.write([point('d-9', Date.now(), { rttP50Ms: 1 })])
      server.thaw()
      expect(outcome).toMatchObject({ kind: 'retry', reason: 'no answer in time' })
      expect(await store.write([point('d-9', Date.now(), { rttP50Ms: 1 })])).toEqual({
        kind: 'ok',
        permanent: 0,
      })
      await store.stop()
    })

    it('makes its database again when somebody drops it', async () => {
      const store = await open()
      await server.ask('drop database proactive')
      const points = [point('d-7', Date.now(), { rttP50Ms: 1 })]
      expect(await store.write(points)).toMatchObject({ kind: 'retry' })
      expect(await store.write(points)).toEqual({ kind: 'ok', permanent: 0 })
      await server.ask('drop retention policy raw on proactive')
      expect(await store.write(points)).toMatchObject({ kind: 'retry' })
      expect(await store.write(points)).toEqual({ kind: 'ok', permanent: 0 })
      await store.stop()
    })
  })
})
