import { z } from 'zod'
import {
  maxRowsPerFamily,
  rowFamilies,
  rowFields,
  type Telemetry,
  type TelemetryRow,
} from '../wire/telemetry.ts'
import { packColumns, unpackColumns } from './columns.ts'

/**
 * `[1, bootEpoch, lane, seq, atMs, clock, windowMs, families]`; lane 0 live, 1 backlog; clock 0 synced, 1 unsynced;
 * a family, in the order of `rowFamilies`, is 0 (absent) or `[rowCount, column …]` with the aliases as first column.
 */
const packedSchema = z.tuple([
  z.literal(1),
  z.number(),
  z.union([z.literal(0), z.literal(1)]),
  z.number(),
  z.number(),
  z.union([z.literal(0), z.literal(1)]),
  z.number(),
  z
    .array(z.union([z.literal(0), z.tuple([z.int().min(0).max(maxRowsPerFamily)], z.unknown())]))
    .max(rowFamilies.length),
])

/** Names once, values in columns: the JSON value that stands for a batch on the wire. */
export function packTelemetry(batch: Telemetry): unknown {
  const families = rowFamilies.map((family) => {
    const rows = batch.rows[family] as readonly TelemetryRow[] | undefined
    return rows === undefined ? 0 : [rows.length, ...packColumns(rows)]
  })
  while (families.at(-1) === 0) families.pop()
  const lane = batch.lane === 'live' ? 0 : 1
  const clock = batch.clock === 'synced' ? 0 : 1
  return [1, batch.bootEpoch, lane, batch.seq, batch.atMs, clock, batch.windowMs, families]
}

/** The batch behind a packed value, not yet checked against the schema; undefined where it has not the packed shape. */
export function unpackTelemetry(packed: unknown): unknown {
  const parsed = packedSchema.safeParse(packed)
  if (!parsed.success) return undefined
  const [v, bootEpoch, lane, seq, atMs, clock, windowMs, families] = parsed.data
  const rows = new Map<string, unknown>()
  for (const [index, family] of families.entries()) {
    if (family === 0) continue
    const name = rowFamilies[index]
    const [rowCount, ...columns] = family
    if (name === undefined || (rowCount > 0 && columns.length !== rowFields[name].length + 1))
      return undefined
    const unpacked = unpackColumns(columns, rowCount)
    if (unpacked === undefined) return undefined
    rows.set(name, unpacked)
  }
  return {
    v,
    bootEpoch,
    lane: lane === 0 ? 'live' : 'backlog',
    seq,
    atMs,
    clock: clock === 0 ? 'synced' : 'unsynced',
    windowMs,
    rows: Object.fromEntries(rows),
  }
}
