import { describe, expect, it } from 'vitest'
import { toCsv } from './csv.ts'

describe('CSV', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('disarms %j', (text) => {
    expect(toCsv([], [[text]]).replaceAll('"', '')).toContain(`'${text}`)
  })
  it('quotes what would break a row and leaves numbers alone', () => {
    expect(
      toCsv(
        ['a', 'b'],
        [
          ['x, "y"', -1.5],
          ['', null],
        ],
      ),
    ).toBe('a,b\r\n"x, ""y""",-1.5\r\n,')
  })
})
