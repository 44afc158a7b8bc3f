import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxNumberBytes, writeNumber } from './write-number.ts'

function textOf(value: number): string {
  const buffer = Buffer.alloc(64, 'x')
  const end = writeNumber(buffer, 3, value)
  expect(end - 3).toBeLessThanOrEqual(maxNumberBytes)
  expect(buffer.toString('latin1', end)).toMatch(/^x*$/)
  return buffer.toString('latin1', 3, end)
}

describe('numbers in line protocol', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [7, '7'],
    [-120, '-120'],
    [0.5, '0.5'],
    [-0.05, '-0.05'],
    [1.37, '1.37'],
    [9.999, '9.999'],
    [10.01, '10.01'],
    [1e-9, '1e-9'],
    [2_147_483_648, '2147483648'],
    [1_760_000_000_000, '1760000000000'],
    [1e300, '1e+300'],
  ])('writes %d as %s', (value, text) => {
    expect(textOf(value)).toBe(text)
  })

  it('writes any number so that it reads back the same', () => {
    const any = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -1_000_000, max: 1_000_000 }).map((cents) => cents / 100),
      fc.integer({ min: -3_000_000, max: 3_000_000 }).map((thousandths) => thousandths / 1_000),
      fc.maxSafeInteger(),
    )
    fc.assert(
      fc.property(any, (value) => {
        expect(Number(textOf(value))).toBe(value + 0)
      }),
      { numRuns: 5_000 },
    )
  })
})
