import { type RowFamily, rowFields } from '@proactive/shared'
import type { Point } from '../metric-store.ts'

/** The values that a result row carries for a family's fields. */
export function fieldsOf(family: RowFamily, row: Readonly<Record<string, unknown>>): Map<string, number> {
  const fields = new Map<string, number>()
  for (const name of rowFields[family]) {
    const value = row[name]
    if (typeof value === 'number') fields.set(name, value)
  }
  return fields
}

/** One point per (family, subject): a device whose role changed has a series per role, and only the newest counts. */
export function newestOfEach(points: readonly Point[]): Point[] {
  const newestByKey = new Map<string, Point>()
  for (const point of points) {
    const key = `${point.family}\n${point.subjectId}`
    const known = newestByKey.get(key)
    if (known === undefined || known.atMs < point.atMs) newestByKey.set(key, point)
  }
  return [...newestByKey.values()]
}
