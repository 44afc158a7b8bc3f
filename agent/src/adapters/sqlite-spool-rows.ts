import { type Lane, lanes } from '@proactive/shared'
import type { SpoolRecord, StampedRecord } from '../ports/index.ts'

/** A row of the spool's `record` table, as SQLite gives it. */
export interface Row {
  readonly id: number
  readonly kind: number
  readonly epoch: number
  readonly at_ms: number
  readonly is_synced: number
  readonly max_alias: number
  readonly body: string
  readonly lane: number | null
  readonly seq: number | null
  readonly place: number | null
}

export function toRecord(row: Row): SpoolRecord {
  const lane = laneOf(row.lane)
  return {
    id: row.id,
    kind: row.kind === 0 ? 'telemetry' : 'observation',
    bootEpoch: row.epoch,
    atMs: row.at_ms,
    clock: row.is_synced === 1 ? 'synced' : 'unsynced',
    maxAlias: row.max_alias,
    body: row.body,
    ...(lane === undefined || row.seq === null ? {} : { lane, seq: row.seq }),
  }
}

export function toStamped(row: Row): StampedRecord {
  return { ...toRecord(row), lane: laneOf(row.lane) ?? 'live', seq: row.seq ?? 0, order: row.place ?? 0 }
}

function laneOf(index: number | null): Lane | undefined {
  return index === null ? undefined : lanes[index]
}
