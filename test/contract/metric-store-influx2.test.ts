import { createInflux2Store } from '../../ingest/src/metrics/influx/influx2-store.ts'
import { metricStoreContract, type StoredRow } from './metric-store.ts'
import { describeWith } from './on-path.ts'
import { startVictoriaMetrics } from './victoria-metrics.ts'

describeWith('victoria-metrics', "the InfluxDB 2.x/3.x store's write path", () => {
  metricStoreContract('InfluxDB 2.x/3.x (write path, on VictoriaMetrics)', {
    canQuery: false,
    async open() {
      const server = await startVictoriaMetrics()
      const store = createInflux2Store({ url: server.url, token: 'any', nowMs: Date.now })
      await store.start().catch(async (error: unknown) => {
        await server.dispose()
        throw error
      })
      return {
        store,
        async rowsOf(family, locationId, subjectId) {
          await server.flush()
          const labels = `loc=${JSON.stringify(locationId)},dev=${JSON.stringify(subjectId)}`
          const series = await server.exportOf(`{__name__=~"${family}_.+",${labels}}`)
          const fieldsByTime = new Map<number, Record<string, number>>()
          for (const { metric, values, timestamps } of series) {
            const field = (metric.__name__ ?? '').slice(family.length + 1)
            for (const [index, atMs] of timestamps.entries()) {
              const fields = fieldsByTime.get(atMs) ?? {}
              // A point sent twice is two samples until they are merged; a reader asks with dedup, so the export must have one.
              if (field in fields) throw new Error(`${field} is there twice at ${atMs}`)
              fields[field] = values[index] ?? Number.NaN
              fieldsByTime.set(atMs, fields)
            }
          }
          return [...fieldsByTime]
            .map(([atMs, fields]): StoredRow => ({ atMs, fields }))
            .sort((a, b) => a.atMs - b.atMs)
        },
        interrupt: server.stop,
        restore: server.restart,
        async dispose() {
          await store.stop()
          await server.dispose()
        },
      }
    },
  })
})
