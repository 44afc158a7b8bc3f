import { rowFamilies, rowFields } from '@proactive/shared'
import type { Point } from '../metric-store.ts'

/**
 * Builds line protocol (docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference): tags `dev`, `kind`, `loc`
 * in key order, every value a float, milliseconds. Points must be storable (see `refusalOf`).
 */
export interface LineEncoder {
  /** One line without its line break. */
  lineOf(point: Point): string
  /** The lines of a batch, joined by line breaks. */
  bodyOf(points: readonly Point[]): string
}

/** Prefixes kept per encoder: those of a large fleet fit, foreign ids cannot grow it. */
const maxPrefixes = 100_000

/** An encoder that remembers the escaped head of each series, the costly half of a line. */
export function createLineEncoder(): LineEncoder {
  const prefixByKind = new Map<string, Map<string, string>>()
  let prefixCount = 0
  const prefixOf = ({ family, locationId, subjectId, kind }: Point): string => {
    // Two levels instead of one joined key: joining would cost as much as escaping.
    const outerKey = `${family}\n${locationId}`
    let bySubject = prefixByKind.get(outerKey)
    if (bySubject === undefined) {
      bySubject = new Map()
      prefixByKind.set(outerKey, bySubject)
    }
    const innerKey = `${subjectId}\n${kind}`
    const known = bySubject.get(innerKey)
    if (known !== undefined) return known
    const prefix = `${family},dev=${escapeTag(subjectId)},kind=${escapeTag(kind)},loc=${escapeTag(locationId)} `
    if (++prefixCount > maxPrefixes) {
      prefixByKind.clear()
      prefixCount = 0
    }
    bySubject.set(innerKey, prefix)
    return prefix
  }
  const lineOf = (point: Point): string => {
    let fields = ''
    for (const [name, value] of point.fields) fields += `${fields === '' ? '' : ','}${name}=${value}`
    return `${prefixOf(point)}${fields} ${point.atMs}`
  }
  return {
    lineOf,
    bodyOf(points) {
      return points.map(lineOf).join('\n')
    },
  }
}

/** Escapes a tag value: comma, equals sign and space by a backslash. Nothing else can be escaped, so nothing else may be there. */
export function escapeTag(value: string): string {
  return value.replace(/[,= ]/g, '\\$&')
}

// Field names go into lines as they are: the contract's are plain words, held by this check at load.
for (const family of rowFamilies) {
  for (const name of rowFields[family])
    if (!/^[A-Za-z0-9]+$/.test(name))
      throw new Error(`field ${name} of ${family} needs escaping in line protocol`)
}
