import { type RowFamily, rowFamilies, rowFields } from '@proactive/shared'
import type { Point } from '../metric-store.ts'
import { RowFields } from '../row-fields.ts'
import { maxNumberBytes, writeNumber } from './write-number.ts'

/**
 * Builds line protocol (docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference): tags `dev`, `kind`, `loc`
 * in key order, every value a float, milliseconds. Points must be storable (see `StorableFilter`).
 */
export interface LineEncoder {
  /** The lines of a batch in UTF-8, joined by line breaks; a buffer of its own. */
  encode(points: readonly Point[]): Buffer
}

/** Prefixes kept per encoder: those of a large fleet fit, foreign ids cannot grow it. */
const maxPrefixes = 200_000
const space = 0x20
const comma = 0x2c
const lineBreak = 0x0a

interface Prefix {
  readonly kind: string
  /** `device,dev=…,kind=…,loc=… ` */
  readonly bytes: Uint8Array
}

/**
 * An encoder that remembers the escaped head of each series and writes bytes, not strings: at full speed the lines are most
 * of what this process does for a point.
 */
export function createLineEncoder(): LineEncoder {
  const prefixes = new Map<RowFamily, Map<string, Map<string, Prefix>>>()
  let prefixCount = 0

  const prefixOf = ({ family, locationId, subjectId, kind }: Point): Uint8Array => {
    const bySubject = mapIn(mapIn(prefixes, family), locationId)
    const known = bySubject.get(subjectId)
    if (known?.kind === kind) return known.bytes
    const bytes = Buffer.from(
      `${family},dev=${escapeTag(subjectId)},kind=${escapeTag(kind)},loc=${escapeTag(locationId)} `,
    )
    bySubject.set(subjectId, { kind, bytes })
    if (++prefixCount > maxPrefixes) {
      prefixes.clear()
      prefixCount = 0
    }
    return bytes
  }

  return {
    encode(points) {
      let buffer = Buffer.allocUnsafe(points.length * 192 + 1_024)
      let at = 0
      for (const point of points) {
        const prefix = prefixOf(point)
        const room = prefix.length + maxFieldsBytes + maxNumberBytes + 2
        if (at + room > buffer.length) {
          const larger = Buffer.allocUnsafe(buffer.length * 2 + room)
          buffer.copy(larger, 0, 0, at)
          buffer = larger
        }
        if (at > 0) buffer[at++] = lineBreak
        buffer.set(prefix, at)
        at = writeFields(buffer, at + prefix.length, point)
        buffer[at++] = space
        at = writeNumber(buffer, at, point.atMs)
      }
      return buffer.subarray(0, at)
    },
  }
}

/** The map under a key, made where it lacks. */
function mapIn<K, L, V>(maps: Map<K, Map<L, V>>, key: K): Map<L, V> {
  const known = maps.get(key)
  if (known !== undefined) return known
  const made = new Map<L, V>()
  maps.set(key, made)
  return made
}

/** Escapes a tag value: comma, equals sign and space by a backslash. Nothing else can be escaped, so nothing else may be there. */
function escapeTag(value: string): string {
  return value.replace(/[,= ]/g, '\\$&')
}

/** `name=` of each field, in column order. Names are plain words of the contract; the first line that would need escaping throws at load. */
const fieldHeads = new Map(rowFamilies.map((family) => [family, rowFields[family].map(fieldHead)]))
const maxFieldsBytes = Math.max(
  ...[...fieldHeads.values()].map((heads) =>
    heads.reduce((sum, head) => sum + head.length + maxNumberBytes + 1, 0),
  ),
)

function fieldHead(name: string): Uint8Array {
  if (!/^[A-Za-z0-9]+$/.test(name)) throw new Error(`field ${name} would need escaping in line protocol`)
  return Buffer.from(`${name}=`)
}

function writeFields(buffer: Buffer, start: number, { family, fields }: Point): number {
  const heads = fieldHeads.get(family) ?? []
  const names: readonly string[] = rowFields[family]
  const row = fields instanceof RowFields ? fields.row : undefined
  let at = start
  for (const [column, head] of heads.entries()) {
    const value = row === undefined ? fields.get(names[column] ?? '') : row[column + 1]
    if (value === undefined || value === null) continue
    if (at > start) buffer[at++] = comma
    for (let index = 0; index < head.length; index++) buffer[at++] = head[index] ?? 0
    at = writeNumber(buffer, at, value)
  }
  return at
}
