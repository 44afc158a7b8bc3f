import { pino } from 'pino'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { createDuplicateSweep } from './duplicate-sweep.ts'
import type { Helpdesk, RemoteIssue } from './helpdesk.ts'
import { createIssueMetrics } from './issue-metrics.ts'
import { keyOf, until } from './issue-stack-fixture.ts'

const remote = (key: string, number: number): RemoteIssue => ({
  key,
  id: `rt-${number}`,
  number,
  status: 'Unclaimed',
  ownerTeamId: 'team-network',
  isTouched: false,
  createdAtMs: 1,
})

/** A tracker that holds the tickets given, and merges. */
function trackerWith(tickets: RemoteIssue[], createIdempotency: 'search' | 'native' = 'search') {
  const merged: [number, number][] = []
  const never = async (): Promise<never> => {
    throw new Error('not part of this test')
  }
  const helpdesk: Helpdesk = {
    caps: { createIdempotency, settleMs: 20 },
    preflight: async () => ({ ok: true }),
    open: never,
    update: never,
    recover: never,
    changesSince: never,
    findByKey: async (key) => ({ kind: 'ok', value: tickets.filter((ticket) => ticket.key === key) }),
    async merge(from, into) {
      merged.push([from.number, into.number])
      tickets.splice(tickets.indexOf(from), 1)
      return { kind: 'ok', value: undefined }
    },
  }
  return { helpdesk, merged }
}

function sweepOver(helpdesk: Helpdesk, keys: string[]) {
  const registry = new Registry()
  const sweep = createDuplicateSweep({
    store: { keysToSweep: async (_sinceMs, afterKey) => keys.filter((key) => key > afterKey) },
    helpdesk,
    metrics: createIssueMetrics(registry),
    log: pino({ level: 'silent' }),
    nowMs: () => 1_700_000_000_000,
  })
  return { sweep, registry }
}

const [one, two, three] = [keyOf(1), keyOf(2), keyOf(3)].sort() as [string, string, string]

describe('the sweep for duplicates', () => {
  it('merges all tickets of a key into the lowest, and leaves the others alone', async () => {
    const { helpdesk, merged } = trackerWith([
      remote(one, 1),
      remote(two, 2),
      remote(two, 5),
      remote(two, 9),
      remote(three, 3),
    ])
    const { sweep } = sweepOver(helpdesk, [one, two, three])
    expect(await sweep.run()).toBe(2)
    expect(merged).toEqual([
      [5, 2],
      [9, 2],
    ])
    expect(await sweep.run()).toBe(0)
  })

  it('looks at a doubtful opening once more when nothing can arrive any more', async () => {
    const { helpdesk, merged } = trackerWith([remote(one, 1), remote(one, 4)])
    const { sweep } = sweepOver(helpdesk, [])
    sweep.lookAgain(one)
    await until(() => merged.length > 0)
    expect(merged).toEqual([[4, 1]])
    await sweep.stop()
  })

  it('counts an Issue that somebody deleted once, and opens nothing for it', async () => {
    const { helpdesk } = trackerWith([])
    const { sweep, registry } = sweepOver(helpdesk, [one])
    await sweep.run()
    await sweep.run()
    expect(await registry.getSingleMetricAsString('proactive_issues_lost_total')).toContain('total 1')
  })

  it('asks nothing of a helpdesk whose keys are unique', async () => {
    const { helpdesk, merged } = trackerWith([remote(one, 1), remote(one, 2)], 'native')
    const { sweep } = sweepOver(helpdesk, [one])
    expect([await sweep.run(), merged]).toEqual([0, []])
  })
})
