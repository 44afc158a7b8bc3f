import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { rowFamilies, rowFields } from '@proactive/shared'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { createInflux1Store } from '../../ingest/src/metrics/influx/influx1-store.ts'
import type { Point } from '../../ingest/src/metrics/metric-store.ts'
import { type RunningInfluxd, startInfluxd } from '../../scripts/influxd/influxd.ts'
import { describeWith } from './on-path.ts'

const folder = new URL('../../docs/grafana/', import.meta.url)
const dashboardSchema = z.object({
  templating: z.object({ list: z.array(z.object({ name: z.string(), query: z.string() })) }),
  panels: z.array(
    z.object({
      title: z.string(),
      targets: z.array(z.object({ refId: z.string(), query: z.string() })).min(1),
    }),
  ),
})
const queries = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => {
    const { panels, templating } = dashboardSchema.parse(
      JSON.parse(readFileSync(new URL(name, folder), 'utf8')),
    )
    return [
      ...templating.list.map((each) => ({ title: `${name}: variable ${each.name}`, query: each.query })),
      ...panels.flatMap(({ title, targets }) =>
        targets.map(({ refId, query }) => ({ title: `${name}: ${title} ${refId}`, query })),
      ),
    ]
  })

const minuteMs = 60_000
const startMs = Math.floor(Date.now() / minuteMs) * minuteMs - 30 * minuteMs
/** What stands where Grafana puts its own words. */
const filled = (query: string) =>
  query
    .replaceAll('$timeFilter', `time >= ${startMs}ms and time <= ${startMs + 30 * minuteMs}ms`)
    .replaceAll('$__interval', '1m')
    .replaceAll('$location', '(loc-1|loc-2)')
    .replaceAll('$device', '.*')

const answerSchema = z.object({
  results: z.array(
    z.object({
      error: z.string().optional(),
      series: z
        .array(z.object({ columns: z.array(z.string()), values: z.array(z.array(z.unknown())) }))
        .optional(),
    }),
  ),
})

describeWith('influxd', 'a Grafana dashboard on a real InfluxDB', () => {
  let server: RunningInfluxd
  let dataDir = ''

  beforeAll(async () => {
    dataDir = await mkdtemp('/tmp/px-grafana-')
    server = await startInfluxd({ dataDir })
    const store = createInflux1Store({ url: server.url, nowMs: Date.now })
    await store.start()
    const points = Array.from({ length: 20 }, (_, minute) =>
      ['loc-1', 'loc-2'].flatMap((locationId) =>
        rowFamilies.map(
          (family): Point => ({
            family,
            locationId,
            subjectId: `${family}-1`,
            kind: family === 'device' ? 'pos-terminal' : family,
            atMs: startMs + minute * minuteMs,
            fields: new Map(rowFields[family].map((name, index) => [name, minute * 10 + index])),
          }),
        ),
      ),
    ).flat()
    await store.write(points)
    await store.stop()
  })
  afterAll(async () => {
    await server?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  it.each(queries)('$title gives values', async ({ query }) => {
    expect(filled(query)).not.toMatch(/\$\w/)
    const response = await fetch(
      `${server.url}/query?db=proactive&epoch=ms&q=${encodeURIComponent(filled(query))}`,
    )
    const { results } = answerSchema.parse(await response.json())
    expect(results.map(({ error }) => error)).toEqual([undefined])
    const values = (results[0]?.series ?? [])
      .flatMap((series) => series.values)
      .flatMap((row) => row.slice(1))
    expect(
      values.some((value) => typeof value === 'number' || (typeof value === 'string' && value !== '')),
    ).toBe(true)
  })
})
