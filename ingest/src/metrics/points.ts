import { type Birth, type EpochMs, rowFamilies, type Telemetry } from '@proactive/shared'
import type { Point } from './metric-store.ts'
import { RowFields } from './row-fields.ts'

/** What an alias of a telemetry row stands for. */
export interface Subject {
  readonly id: string
  /** Device role, the watched target's kind, or `interface`. */
  readonly kind: string
}

/** Alias → subject, of one appliance, as its last birth told. */
export type SubjectByAlias = ReadonlyMap<number, Subject>

/** The alias of the appliance itself, in family `appliance`. */
const applianceAlias = 0

/** How far ahead of the log's clock a stamp may be: clocks differ a little, a point from tomorrow is a broken one. */
export const futureToleranceMs = 5 * 60_000

/** Rows that became no point, by reason; each is counted, none is an error of the store. */
export interface SkippedRows {
  /** The batch's clock was never vouched for: its stamps compare with nothing else, so nothing of it may be stored. */
  readonly unsynced: number
  /** Stamped later than `receivedAtMs` + {@link futureToleranceMs}. */
  readonly future: number
  readonly unknownAlias: number
  /** Every value was null. */
  readonly empty: number
}

/** What the aliases of an appliance stand for: its devices and their interfaces, its watched targets, and itself as alias 0. */
export function subjectsOf(
  birth: Pick<Birth, 'devices' | 'targets' | 'interfaces' | 'retired'>,
  applianceId: string,
): SubjectByAlias {
  const subjects = new Map<number, Subject>([[applianceAlias, { id: applianceId, kind: 'appliance' }]])
  for (const { alias, id, role } of birth.retired ?? []) subjects.set(alias, { id, kind: role })
  for (const device of birth.devices) subjects.set(device.alias, { id: device.id, kind: device.role })
  for (const { alias, id } of birth.interfaces ?? []) subjects.set(alias, { id, kind: 'interface' })
  for (const target of birth.targets) subjects.set(target.alias, { id: target.id, kind: target.kind })
  return subjects
}

/**
 * A batch as points of the store. A pure function of logged data, so a replay writes the same points again and overwrites them.
 * @param receivedAtMs when the log took the batch: the only clock a stamp is held against
 */
export function toPoints(
  batch: Telemetry,
  from: {
    readonly locationId: string
    readonly subjects: SubjectByAlias
    readonly receivedAtMs: EpochMs
  },
): { readonly points: readonly Point[]; readonly skipped: SkippedRows } {
  if (batch.clock !== 'synced') return { points: [], skipped: { ...noneSkipped, unsynced: rowCount(batch) } }
  if (batch.atMs > from.receivedAtMs + futureToleranceMs)
    return { points: [], skipped: { ...noneSkipped, future: rowCount(batch) } }
  const points: Point[] = []
  let unknownAlias = 0
  let empty = 0
  for (const family of rowFamilies) {
    for (const row of batch.rows[family] ?? []) {
      const subject = from.subjects.get(row[0] ?? -1)
      const fields = new RowFields(family, row)
      if (subject === undefined) unknownAlias++
      else if (fields.size === 0) empty++
      else
        points.push({
          family,
          locationId: from.locationId,
          subjectId: subject.id,
          kind: subject.kind,
          atMs: batch.atMs,
          fields,
        })
    }
  }
  return { points, skipped: { ...noneSkipped, unknownAlias, empty } }
}

const noneSkipped: SkippedRows = { unsynced: 0, future: 0, unknownAlias: 0, empty: 0 }

const rowCount = (batch: Telemetry): number =>
  rowFamilies.reduce((count, family) => count + (batch.rows[family]?.length ?? 0), 0)
