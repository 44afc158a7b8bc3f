import type { Change, ClockState, EpochMs, Observation, Telemetry } from '@proactive/shared'
import type { SpoolEntry, StampedRecord } from '../ports/index.ts'
import { shiftTimes, type TimeRange } from './timeline.ts'

/** A window's rows as the spool keeps them; place and time stamps are columns of their own. */
export function telemetryEntry(
  stamp: { readonly bootEpoch: number; readonly atMs: EpochMs; readonly clock: ClockState },
  windowMs: number,
  rows: Telemetry['rows'],
  ordinalOf: (alias: number) => number,
): SpoolEntry {
  const clamped = Math.min(600_000, Math.max(100, Math.round(windowMs)))
  return {
    ...stamp,
    kind: 'telemetry',
    maxAlias: lastOrdinalOf(rows, ordinalOf),
    body: JSON.stringify({ windowMs: clamped, rows }),
  }
}

export function observationEntry(
  stamp: { readonly bootEpoch: number; readonly atMs: EpochMs; readonly clock: ClockState },
  change: Change,
): SpoolEntry {
  return { ...stamp, kind: 'observation', maxAlias: 0, body: JSON.stringify({ change }) }
}

/** The message behind a placed record; undefined where the body is none of ours (a damaged row). */
export function messageOf(
  record: StampedRecord,
):
  | { readonly kind: 'telemetry'; readonly message: Telemetry }
  | { readonly kind: 'observation'; readonly message: Observation }
  | undefined {
  const { bootEpoch, lane, seq, atMs, clock } = record
  const head = { v: 1, bootEpoch, lane, seq, atMs, clock } as const
  try {
    const body = JSON.parse(record.body) as object
    return record.kind === 'telemetry'
      ? { kind: 'telemetry', message: { ...head, ...body } as Telemetry }
      : { kind: 'observation', message: { ...head, ...body } as Observation }
  } catch {
    return undefined
  }
}

/** Moves the times inside a record's body when the clock became trusted; a damaged body stays as it is, and is left out when it is sent. */
export function shiftBody(body: string, shiftMs: number, range: TimeRange): string {
  try {
    return JSON.stringify(shiftTimes(JSON.parse(body), shiftMs, range))
  } catch {
    return body
  }
}

function lastOrdinalOf(rows: Telemetry['rows'], ordinalOf: (alias: number) => number): number {
  let last = 0
  for (const list of Object.values(rows))
    for (const [alias] of list ?? []) if (alias) last = Math.max(last, ordinalOf(alias))
  return last
}
