import { describe, expect, it } from 'vitest'
import type { HelpdeskOutcome, RemoteIssue } from './helpdesk.ts'
import { judgeAttempt, pauseMs, defaultRetryPolicy as policy } from './judge-attempt.ts'
import { parseRetryAfter } from './trackers/call.ts'

const nowMs = 10_000_000
const operation = { kind: 'open', attempts: 1, created_at_ms: nowMs } as const
const native = { createIdempotency: 'native', settleMs: 0 } as const
const search = { createIdempotency: 'search', settleMs: 40_000 } as const
const judge = (
  outcome: HelpdeskOutcome<RemoteIssue>,
  caps: typeof native | typeof search = native,
  ageMs = 0,
) =>
  judgeAttempt({ ...operation, created_at_ms: nowMs - ageMs }, outcome, { nowMs, random: 0.5, caps, policy })

describe('what an attempt means', () => {
  it('settles doubt for as long as the provider needs before it is searched', () => {
    const doubt = { kind: 'ambiguous', reason: 'timeout' } as const
    expect(judge(doubt, search)).toMatchObject({ state: 'ambiguous', dueAtMs: nowMs + 40_000 })
    expect(judge(doubt, native)).toMatchObject({ state: 'ambiguous', dueAtMs: nowMs + 150 })
  })

  it('waits as long as a busy helpdesk asks', () => {
    const busy = { kind: 'retry', afterMs: 7_000, reason: 'rate-limited', isUnreachable: false } as const
    expect(judge(busy)).toMatchObject({ state: 'retry', dueAtMs: nowMs + 7_000 })
  })

  it('gives up a refusal that never passes, but never an unreachable helpdesk', () => {
    const aDay = 86_400_000
    const behind = { kind: 'retry', afterMs: null, reason: 'directory-behind', isUnreachable: false } as const
    expect(judge(behind).state).toBe('retry')
    expect(judge(behind, native, aDay).state).toBe('dead')
    expect(judge({ ...behind, isUnreachable: true }, native, aDay).state).toBe('retry')
  })

  it('doubles the pause up to its limit, jittered', () => {
    const pauses = [1, 2, 3, 20].map((attempts) => pauseMs(attempts, 0.999, policy))
    expect(pauses).toEqual([200, 400, 800, 30_000].map((full) => Math.round(full * 0.9995)))
    expect(pauseMs(1, 0, policy)).toBe(100)
  })
})

describe('Retry-After', () => {
  it.each([
    ['3', 3_000],
    ['Tue, 14 Nov 2023 22:13:30 GMT', 10_000],
    ['Tue, 14 Nov 2023 22:13:10 GMT', 0],
    ['99999999', 300_000],
    ['soon', null],
    [undefined, null],
  ])('%s means %s ms', (header, expected) => {
    expect(parseRetryAfter(header, 1_700_000_000_000)).toBe(expected)
  })
})
