import { describe, expect, it } from 'vitest'
import { outcomeLines, outcomeWord } from './outcome.ts'

describe('what a live tool brought', () => {
  it('counts answers and names the mean', () => {
    const outcome = { status: 'ok', evidence: [], rttsMs: [1, null, 3] } as const
    expect(outcomeWord({ ...outcome, evidence: [], rttsMs: [...outcome.rttsMs] })).toBe(
      '✓ 2 of 3 answered, mean 2.00 ms, worst 3.00 ms.',
    )
    expect(outcomeLines({ ...outcome, evidence: [], rttsMs: [...outcome.rttsMs] })).toEqual([
      '1  1.00 ms',
      '2  no answer',
      '3  3.00 ms',
    ])
  })
  it('says that nothing answered', () => {
    const evidence = [{ probe: 'arp', target: '192.0.2.1', answer: 'timeout', atMs: 1 }] as const
    expect(outcomeWord({ status: 'ok', evidence: [...evidence] })).toBe('✕ It does not answer.')
  })
})
