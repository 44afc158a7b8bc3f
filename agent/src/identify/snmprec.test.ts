import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSnmprec, snmprecLimits } from './snmprec.ts'

describe('a recording', () => {
  it('reads text, numbers, object ids, and hexadecimal octets', () => {
    const { values, badLines } = parseSnmprec(
      [
        '1.3.6.1.2.1.1.1.0|4|a|b',
        '.1.3.6.1.2.1.1.2.0|6|.1.3.6.1.4.1.9.1.1',
        '1.3.6.1.2.1.1.5.0|4x|6f6b00',
        '1.3.6.1.2.1.2.2.1.6.1|4x|000b4f8899aa',
      ].join('\r\n'),
    )
    expect(badLines).toBe(0)
    expect([...values]).toEqual([
      ['1.3.6.1.2.1.1.1.0', 'a|b'],
      ['1.3.6.1.2.1.1.2.0', '1.3.6.1.4.1.9.1.1'],
      ['1.3.6.1.2.1.1.5.0', 'ok'],
      ['1.3.6.1.2.1.2.2.1.6.1', '000B4F8899AA'],
    ])
  })

  it('skips lines of variation modules and counts those that are none', () => {
    const read = parseSnmprec(
      '1.3.6.1.2.1.1.3.0|67:numeric|rate=1\n1.3.6.1|4\nnonsense\n1.3.6.1.2.1.1.6.0|4x|abc\n1.3.6.1.2.1.1.7.0|999|1\n',
    )
    expect(read).toMatchObject({ badLines: 4, skippedLines: 1 })
    expect(read.values.size).toBe(0)
  })

  it('is cut at its limits, and says so', () => {
    const text = '1.3.6.1.2.1.1.1.0|4|x\n'.repeat(snmprecLimits.lines + 5)
    expect(parseSnmprec(text)).toMatchObject({ isCut: true, badLines: 0 })
  })

  it('never throws, whatever it holds', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc
        .tuple(
          fc.constantFrom('1.3.6.1.2', '.1.3.6', '1..3', ''),
          fc.constantFrom('4', '4x', '6', '2:delay', 'x', '-1'),
          fc.string({ maxLength: 40 }),
        )
        .map((parts) => parts.join('|')),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const read = parseSnmprec(lines.join('\n'))
        expect(read.values.size + read.badLines + read.skippedLines).toBeLessThanOrEqual(
          lines.join('\n').split('\n').length,
        )
      }),
      { numRuns: 100 },
    )
  })
})
