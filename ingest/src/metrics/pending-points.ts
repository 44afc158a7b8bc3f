import type { Point } from './metric-store.ts'

/** One call of the writer: its promise and how many of its points are not stored yet. */
export interface PendingWrite {
  open: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** How many points of a batch belong to which call. */
export interface Share {
  readonly write: PendingWrite
  readonly count: number
}

export interface PointBatch {
  readonly points: readonly Point[]
  readonly shares: readonly Share[]
}

/**
 * Points that wait for a request. Batches are taken Location by Location, the longest waiting first: while the store is behind,
 * several windows of a device land in one request, which costs InfluxDB half as much per line (measured on 1.6.7: 21 µs with
 * one line per series in a batch, 12–17 µs with five, 8 µs with fifty).
 */
export interface PendingPoints {
  readonly size: number
  add(points: readonly Point[], write: PendingWrite): void
  /** At most `max` points; empty only where none wait. */
  take(max: number): PointBatch
  /** All calls that still wait. */
  clear(): PendingWrite[]
}

interface Run {
  readonly points: readonly Point[]
  readonly write: PendingWrite
  taken: number
}

export function createPendingPoints(): PendingPoints {
  /** In the order in which each Location's oldest run came. */
  const runsByLocation = new Map<string, Run[]>()
  let size = 0
  return {
    get size() {
      return size
    },
    add(points, write) {
      size += points.length
      for (const run of runsOf(points)) {
        const locationId = run[0]?.locationId ?? ''
        const entry = { points: run, write, taken: 0 }
        const waiting = runsByLocation.get(locationId)
        if (waiting === undefined) runsByLocation.set(locationId, [entry])
        else waiting.push(entry)
      }
    },
    take(max) {
      const points: Point[] = []
      const shares: Share[] = []
      for (const [locationId, runs] of runsByLocation) {
        let done = 0
        for (const run of runs) {
          const count = Math.min(run.points.length - run.taken, max - points.length)
          for (let index = run.taken; index < run.taken + count; index++) {
            const point = run.points[index]
            if (point !== undefined) points.push(point)
          }
          run.taken += count
          shares.push({ write: run.write, count })
          if (run.taken < run.points.length) break
          done++
          if (points.length === max) break
        }
        if (done === runs.length) runsByLocation.delete(locationId)
        else runs.splice(0, done)
        if (points.length === max) break
      }
      size -= points.length
      return { points, shares }
    },
    clear() {
      const writes = new Set([...runsByLocation.values()].flat().map(({ write }) => write))
      runsByLocation.clear()
      size = 0
      return [...writes]
    },
  }
}

/** Neighbouring points of one Location, as a batch of telemetry brings them. */
function runsOf(points: readonly Point[]): (readonly Point[])[] {
  const runs: (readonly Point[])[] = []
  let start = 0
  for (let index = 1; index <= points.length; index++) {
    if (points[index]?.locationId === points[start]?.locationId) continue
    runs.push(start === 0 && index === points.length ? points : points.slice(start, index))
    start = index
  }
  return runs
}
