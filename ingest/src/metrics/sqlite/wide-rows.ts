import { type RowFamily, rowFamilies, rowFields } from '@proactive/shared'
import type { Point } from '../metric-store.ts'
import { RowFields } from '../row-fields.ts'

/**
 * Points of one family as flat arrays: cheap to hand to a worker thread (the numbers move, nothing is cloned per point).
 * `numbers` holds, per row, `[subject index, atMs, value …]` in the column order of `rowFields`; NaN = no value.
 */
export interface WideRows {
  readonly family: RowFamily
  /** `locationId, subjectId, kind` of subject 0, of subject 1 … */
  readonly subjects: readonly string[]
  readonly numbers: Float64Array<ArrayBuffer>
}

export const subjectWidth = 3
/** Numbers of one row before its values. */
export const rowHead = 2

/** Numbers per row of a family. */
export const rowWidth = (family: RowFamily): number => rowHead + rowFields[family].length

/** Packs storable points (see `StorableFilter`), family by family. */
export function packPoints(points: readonly Point[]): WideRows[] {
  return rowFamilies.flatMap((family) => {
    const ofFamily = points.filter((point) => point.family === family)
    return ofFamily.length === 0 ? [] : [packFamily(family, ofFamily)]
  })
}

function packFamily(family: RowFamily, points: readonly Point[]): WideRows {
  const columns = rowFields[family]
  const width = rowWidth(family)
  const numbers = new Float64Array(points.length * width)
  const subjects: string[] = []
  const indexBySubject = new Map<string, number>()
  for (const [row, point] of points.entries()) {
    const key = `${point.locationId}\n${point.subjectId}\n${point.kind}`
    let index = indexBySubject.get(key)
    if (index === undefined) {
      index = indexBySubject.size
      indexBySubject.set(key, index)
      subjects.push(point.locationId, point.subjectId, point.kind)
    }
    const at = row * width
    numbers[at] = index
    numbers[at + 1] = point.atMs
    const { fields } = point
    for (const [column, name] of columns.entries()) {
      const value = fields instanceof RowFields ? fields.row[column + 1] : fields.get(name)
      numbers[at + rowHead + column] = value ?? Number.NaN
    }
  }
  return { family, subjects, numbers }
}
