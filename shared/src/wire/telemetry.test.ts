import { describe, expect, it } from 'vitest'
import { rowFields, telemetrySchema } from './telemetry.ts'

const batch = (rows: unknown) => ({
  v: 1,
  bootEpoch: 1,
  lane: 'live',
  seq: 1,
  atMs: 1_700_000_000_000,
  clock: 'synced',
  windowMs: 30_000,
  rows,
})
const dns = (...cells: unknown[]) => batch({ dns: [cells] })
const takes = (value: unknown) => telemetrySchema.safeParse(value).success

describe('telemetry rows', () => {
  it('take an alias and one number or null for each field', () => {
    expect(rowFields.dns).toHaveLength(3)
    expect(takes(dns(0, 1, null, 12.5))).toBe(true)
    expect(takes(dns(65_535, -1e15, 1e15, -0))).toBe(true)
    expect(takes(batch({ dns: [] }))).toBe(true)
    expect(takes(batch({}))).toBe(true)
  })

  it.each([
    ['too few cells', dns(1, 1, 1)],
    ['too many cells', dns(1, 1, 1, 1, 1)],
    ['no alias', dns(null, 1, 1, 1)],
    ['an alias with a fraction', dns(1.5, 1, 1, 1)],
    ['a negative alias', dns(-1, 1, 1, 1)],
    ['an alias too large', dns(65_536, 1, 1, 1)],
    ['NaN', dns(1, Number.NaN, 1, 1)],
    ['infinity', dns(1, Number.POSITIVE_INFINITY, 1, 1)],
    ['a number beyond all measure', dns(1, 1.1e15, 1, 1)],
    ['text', dns(1, '1', 1, 1)],
    ['a hole', dns(1, undefined, 1, 1)],
    ['a row that is no array', batch({ dns: [{ 0: 1, length: 4 }] })],
    ['rows that are no array', batch({ dns: 'x' })],
    ['too many rows', batch({ dns: Array.from({ length: 4_097 }, () => [1, 1, 1, 1]) })],
    ['an unknown family', batch({ disk: [[1]] })],
  ])('refuse %s', (_, value) => {
    expect(takes(value)).toBe(false)
  })
})
