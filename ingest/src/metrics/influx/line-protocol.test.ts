import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Point } from '../metric-store.ts'
import { createStorableFilter } from '../storable.ts'
import { createLineEncoder } from './line-protocol.ts'

const { refusalOf } = createStorableFilter()
const nowMs = 1_760_000_000_000
const hostile = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(',', '=', ' ', '\\', '\n', '"', 'a', 'ü'), maxLength: 12 }),
)
const anyPoint = fc.record({
  family: fc.constant('dns' as const),
  locationId: hostile,
  subjectId: hostile,
  kind: hostile,
  atMs: fc.integer({ min: nowMs - 86_400_000, max: nowMs }),
  fields: fc
    .record({ okRatio: fc.double(), lookupP50Ms: fc.double() })
    .map((fields) => new Map(Object.entries(fields))),
})

describe('line protocol', () => {
  it('carries any id that is let through, and no id can forge a tag, a field or a line', () => {
    const encoder = createLineEncoder()
    fc.assert(
      fc.property(anyPoint, (point: Point) => {
        fc.pre(refusalOf(point, nowMs) === undefined)
        expect(readLines(encoder.encode([point]).toString())).toEqual([
          {
            measurement: point.family,
            tags: { dev: point.subjectId, kind: point.kind, loc: point.locationId },
            fields: Object.fromEntries([...point.fields].map(([name, value]) => [name, value + 0])),
            atMs: point.atMs,
          },
        ])
      }),
      { numRuns: 2_000 },
    )
  })

  it('keeps subjects apart whose ids differ only in where a space stands', () => {
    const encoder = createLineEncoder()
    const point = (locationId: string, subjectId: string, kind: string): Point => ({
      family: 'dns',
      locationId,
      subjectId,
      kind,
      atMs: nowMs,
      fields: new Map([['okRatio', 1]]),
    })
    const lines = [point('a', 'b c', 'd'), point('a', 'b', 'c d'), point('a b', 'c', 'd')].map((each) =>
      encoder.encode([each]).toString(),
    )
    expect(new Set(lines).size).toBe(3)
  })

  it.each(['', 'back\\slash', 'line\nbreak', 'tab\t', '\ud800', 'x'.repeat(257)])(
    'refuses the id %j, which no tag can carry',
    (id) => {
      const fields = new Map([['okRatio', 1]])
      const point: Point = {
        family: 'dns',
        locationId: 'shop-1',
        subjectId: id,
        kind: 'dns',
        atMs: nowMs,
        fields,
      }
      expect(refusalOf(point, nowMs)).toBe('tag')
    },
  )
})

/** A reader as InfluxDB 1.x has it: a backslash before comma, equals sign or space makes it part of the name; elsewhere it is itself. */
function readLines(body: string) {
  return body.split('\n').map((line) => {
    const [head = '', fields = '', time = ''] = splitAt(line, ' ')
    const [measurement = '', ...tags] = splitAt(head, ',')
    const pairs = (parts: string[]) => parts.map((part) => splitAt(part, '=').map(withoutEscapes))
    return {
      measurement: withoutEscapes(measurement),
      tags: Object.fromEntries(pairs(tags)),
      fields: Object.fromEntries(
        pairs(splitAt(fields, ',')).map(([name, value]) => [name ?? '', Number(value) + 0]),
      ),
      atMs: Number(time),
    }
  })
}

const splitAt = (text: string, separator: string): string[] => text.split(new RegExp(`(?<!\\\\)${separator}`))
const withoutEscapes = (text: string): string => text.replace(/\\([,= ])/g, '$1')
