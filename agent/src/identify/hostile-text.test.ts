import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { families } from '../rules/families/index.ts'
import { createSnmpFacts, identifyByEvidence, identifyBySnmp } from './index.ts'

/** One answer may take this long on a busy machine; the bound for a parser's input in this project is 50 ms. */
const longestMs = 50

const prefixes = families.flatMap(({ lines }) => lines.flatMap(({ objectId }) => objectId ?? []))
const piece = fc.constantFrom(
  'A',
  'a1',
  'A-1',
  ' ',
  '  ',
  '-',
  ',',
  ', v1',
  '1.2.3',
  '(',
  ')',
  '\n',
  'Version ',
  'HP ',
  'MN: ',
  'x'.repeat(40),
  '0'.repeat(60),
  'Switch ',
  ' /',
)
const hostile = fc.oneof(
  fc
    .tuple(piece, fc.integer({ min: 1, max: 1_000 }))
    .map(([text, times]) => text.repeat(times).slice(0, 4_000)),
  fc.array(piece, { maxLength: 200 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 300 }),
)

function millisecondsOf(run: () => unknown): number {
  const before = performance.now()
  run()
  return performance.now() - before
}

describe('hostile text', () => {
  it('costs little and throws nothing, whatever a device says by SNMP', () => {
    const slow: string[] = []
    fc.assert(
      fc.property(hostile, fc.constantFrom(...prefixes), hostile, (descr, prefix, other) => {
        const values = new Map([
          ['1.3.6.1.2.1.1.1.0', descr],
          ['1.3.6.1.2.1.1.2.0', `1.3.6.1.4.1.${prefix}.1`],
          ['1.3.6.1.2.1.25.3.2.1.3.1', other],
          ['1.3.6.1.2.1.47.1.1.1.1.13.1', other],
        ])
        const ask = () => identifyBySnmp(createSnmpFacts(values))
        // Twice: once may fall into a pause of the machine.
        if (millisecondsOf(ask) > longestMs && millisecondsOf(ask) > longestMs)
          slow.push(`${prefix}: ${descr.slice(0, 60)}`)
      }),
      { numRuns: 400 },
    )
    expect(slow).toEqual([])
  })

  it('costs little and throws nothing, whatever is heard of a device', () => {
    const evidence = fc.record({
      source: fc.constantFrom('dhcp', 'mdns', 'ssdp', 'banner', 'service', 'snmp'),
      key: fc.constantFrom('hostname', 'vendorClass', 'txt', 'name', 'tls', 'tcp', 'sysDescr', 'sysObjectId'),
      value: hostile.map((text) => text.slice(0, 200)),
    } as const)
    fc.assert(
      fc.property(fc.array(evidence, { maxLength: 12 }), fc.boolean(), (heard, isGateway) => {
        const { confidence } = identifyByEvidence(heard, isGateway)
        expect(confidence).toBeGreaterThan(0)
      }),
      { numRuns: 200 },
    )
  })
})
