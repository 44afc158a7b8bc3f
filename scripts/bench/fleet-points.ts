import type { Telemetry } from '@proactive/shared'
import { createLineEncoder } from '../../ingest/src/metrics/influx/line-protocol.ts'
import type { Point } from '../../ingest/src/metrics/metric-store.ts'
import { type SubjectByAlias, toPoints } from '../../ingest/src/metrics/points.ts'
import { createSampleShop } from './sample-telemetry.ts'

/** Telemetry of many shops, drawn once and used again with later times: drawing must not be what is measured. */
export interface Fleet {
  /** Batches of one reader's shops in the order of the log (window after window), going on where the last call ended. */
  next(reader: number, count: number): readonly FleetBatch[]
  /** Windows of one shop. */
  ofShop(shop: number, firstTick: number, count: number): readonly FleetBatch[]
  pointsOf(batches: readonly FleetBatch[]): Point[]
  /** All shops' lines of one window, ready to be sent as they are. */
  bodiesOf(tick: number, linesPerBody: number): string[]
}

export interface FleetBatch {
  readonly locationId: string
  readonly batch: Telemetry
}

export interface FleetOptions {
  readonly name: string
  readonly shops: number
  readonly devicesPerShop: number
  /** The shops are shared out among so many readers, as Locations are among partitions. */
  readonly readers: number
  readonly startMs: number
  readonly tickMs: number
}

/** Different values drawn per shop; more would only fill memory. */
const drawnTicks = 4

export function createFleet(options: FleetOptions): Fleet {
  const { shops, devicesPerShop, startMs, tickMs } = options
  const subjects: SubjectByAlias = new Map(
    Array.from({ length: devicesPerShop }, (_, index) => [
      index + 1,
      { id: `d-${index + 1}`, kind: index === 0 ? 'router' : 'pos-terminal' },
    ]),
  )
  const drawn = Array.from({ length: shops }, (_, index) => {
    const shop = createSampleShop({ devices: devicesPerShop, seed: index + 1, startMs })
    return {
      locationId: `${options.name}-${index + 1}`,
      batches: Array.from({ length: drawnTicks }, (_, tick) => shop.batch(tick)),
    }
  })
  const at = (tick: number) => startMs + tick * tickMs
  const batchOf = ({ locationId, batches }: (typeof drawn)[number], tick: number): FleetBatch[] => {
    const batch = batches[tick % drawnTicks]
    return batch === undefined ? [] : [{ locationId, batch: { ...batch, seq: tick + 1, atMs: at(tick) } }]
  }
  const pointsOf = (batches: readonly FleetBatch[]): Point[] =>
    batches.flatMap(({ locationId, batch }) => [
      ...toPoints(batch, { locationId, subjects, receivedAtMs: batch.atMs }).points,
    ])
  const encoder = createLineEncoder()
  /** Lines of each drawn tick without their time. */
  const heads = Array.from({ length: drawnTicks }, (_, tick) =>
    encoder
      .encode(pointsOf(drawn.flatMap((shop) => batchOf(shop, tick))))
      .toString()
      .split('\n')
      .map((line) => line.replace(/ \d+$/, ' ')),
  )
  const cursors = new Array<number>(options.readers).fill(0)
  return {
    next(reader, count) {
      const shopsOfReader = drawn.filter((_, index) => index % options.readers === reader)
      const first = cursors[reader] ?? 0
      cursors[reader] = first + count
      return Array.from({ length: count }, (_, index) => {
        const place = first + index
        const shop = shopsOfReader[place % shopsOfReader.length]
        return shop === undefined ? [] : batchOf(shop, Math.floor(place / shopsOfReader.length))
      }).flat()
    },
    ofShop(index, firstTick, count) {
      const shop = drawn[index]
      if (shop === undefined) return []
      return Array.from({ length: count }, (_, each) => batchOf(shop, firstTick + each)).flat()
    },
    pointsOf,
    bodiesOf(tick, linesPerBody) {
      const ending = `${at(tick)}`
      return slices(heads[tick % drawnTicks] ?? [], linesPerBody).map(
        (lines) => lines.join(`${ending}\n`) + ending,
      )
    },
  }
}

function slices<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
