import { describe, expect, it } from 'vitest'
import type { LinkAsker } from './ask-link.ts'
import { readProbe } from './probe-outcome.ts'

const ip = '192.0.2.21'
const asker = (isRaw: boolean): LinkAsker => ({
  ask: () => Promise.resolve(new Map()),
  isRaw: () => isRaw,
  method: () => (isRaw ? 'directed ARP' : 'neighbor table'),
  onAnswers: () => undefined,
})
const lost = { ips: [ip], echoes: [{ ip, rttMs: null }], link: new Map([[ip, 'answered' as const]]) }

describe('a probe whose echo requests were lost', () => {
  it('is answered by ARP, and by the table of one that never answers them', () => {
    for (const how of [
      { asker: asker(true), answersEchoes: true },
      { asker: asker(false), answersEchoes: false },
    ])
      expect(readProbe({ ...lost, ...how }, 0).outcome).toEqual({ kind: 'answered' })
  })

  it('is not answered by what the kernel believes of one that answers them as a rule', () => {
    const { outcome, evidence } = readProbe({ ...lost, asker: asker(false), answersEchoes: true }, 0)
    expect(outcome).toEqual({ kind: 'missed', arp: 'unsure' })
    expect(evidence.map(({ answer }) => answer)).toEqual(['timeout'])
  })

  it('is left to the table where no echo request could be sent', () => {
    const { outcome, evidence } = readProbe(
      { ...lost, echoes: [], asker: asker(false), answersEchoes: true },
      0,
    )
    expect(outcome).toEqual({ kind: 'answered' })
    expect(evidence).toHaveLength(1)
  })
})
