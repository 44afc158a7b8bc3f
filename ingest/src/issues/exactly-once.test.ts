import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crashPoints, dyingAt } from './crash-fixture.ts'
import { createDispatcher } from './dispatcher.ts'
import { type ProxyFault, proxyFaults, startFaultProxy } from './fault-proxy-fixture.ts'
import type { Helpdesk } from './helpdesk.ts'
import { trackHealth } from './helpdesk-health.ts'
import { createIssueMetrics } from './issue-metrics.ts'
import {
  type IssueStack,
  keyOf,
  lifeOf,
  manyOpens,
  quickPolicy,
  startIssueStack,
  until,
} from './issue-stack-fixture.ts'
import { createOutboxStore, type OutboxStore } from './outbox-store.ts'

let stack: IssueStack
beforeAll(async () => {
  stack = await startIssueStack()
}, 30_000)
afterAll(() => stack?.stop())

const isDone = async () => {
  const depth = await createOutboxStore(stack.db).depth()
  return depth.pending + depth.sending + depth.retry + depth.ambiguous === 0
}

/** What must be true of every key whatever happened on the way: one Issue, its whole story, each note once and in order. */
async function expectOneIssueEach(keys: readonly string[]): Promise<void> {
  const issues = await stack.issues()
  for (const key of keys) {
    const [issue, ...duplicates] = issues.filter((candidate) => candidate.key === key)
    expect([key, issue?.status, issue?.ownerTeamId, duplicates.length]).toEqual([
      key,
      'Resolved',
      'team-pos',
      0,
    ])
    const entries = await stack.entries(String(issue?.id))
    expect(entries.map((entry) => entry.split(/[\n.]/)[0])).toEqual([
      'Opened by Proactive',
      'Router unreachable; 1 terminal affected, not at fault',
      expect.stringContaining('The fault is over'),
    ])
  }
}

describe('opening, moving and closing against a faulty way to the real helpdesk', () => {
  it('ends with exactly one Issue for each incident, nothing doubled, nothing missing', async () => {
    const proxy = await startFaultProxy(stack.helpdeskUrl)
    const helpdesk = stack.helpdeskAt(proxy.url)
    const desk = stack.desk({ helpdesk })
    await desk.start()
    // Each fault at each kind of operation, and a few of them in a row.
    const cases: [method: string, faults: ProxyFault[]][] = ['PUT', 'PATCH', 'POST'].flatMap((method) =>
      [...proxyFaults.map((fault) => [fault]), ['lost-response', '502-after', 'late-arrival']].map(
        (faults): [string, ProxyFault[]] => [method, faults as ProxyFault[]],
      ),
    )
    const keys = cases.map((_case, index) => keyOf(index))
    for (const [index, [method, faults]] of cases.entries()) {
      const path = `/api/issues/by-key/${keys[index]}`
      proxy.plan(method, method === 'POST' ? `${path}/recovery` : path, faults)
    }
    // One step of every incident at a time, so that no step is coalesced into an unsent one before it.
    for (const step of [0, 1, 2]) {
      for (const key of keys) await desk.projector.project(lifeOf(key)[step] ?? failStep())
      await until(isDone)
    }
    await proxy.lateOnesArrived()
    expect(proxy.injected()).toBe(33)
    expect(await desk.deadLetters()).toEqual([])
    await expectOneIssueEach(keys)
    expect((await stack.issues()).length).toBe(keys.length)
    await desk.stop()
    await helpdesk.stop()
    await proxy.stop()
  }, 60_000)
})

describe('a crash of ours between every two steps', () => {
  it.each(crashPoints)('%s leaves exactly one Issue behind', async (point) => {
    const key = keyOf(1_000 + crashPoints.indexOf(point))
    const helpdesk = stack.helpdeskAt(stack.helpdeskUrl(), 5_000)
    const store = createOutboxStore(stack.db)
    const dispatcherOver = (over: { store: OutboxStore; helpdesk: Helpdesk }) =>
      createDispatcher({
        ...over,
        health: trackHealth(Date.now, () => undefined),
        metrics: createIssueMetrics(new Registry()),
        log: stack.log,
        nowMs: Date.now,
        random: Math.random,
        policy: quickPolicy,
        guards: manyOpens,
      })
    // The desk only writes; it is never started. Died between commit and wake, as it were.
    const writer = stack.desk({ helpdesk })
    for (const step of lifeOf(key)) {
      await writer.projector.project(step)
      await writer.projector.project(step)
      const dying = dyingAt(point, store, helpdesk)
      await dispatcherOver(dying).start()
      await dying.died
      const survivor = dispatcherOver({ store, helpdesk })
      await survivor.start()
      await until(isDone)
      await survivor.stop()
    }
    await helpdesk.stop()
    await expectOneIssueEach([key])
  })
})

describe('a helpdesk killed again and again', () => {
  it('loses and doubles nothing', async () => {
    const keys = Array.from({ length: 20 }, (_, index) => keyOf(2_000 + index))
    const helpdesk = stack.helpdeskAt(stack.helpdeskUrl(), 1_000)
    const desk = stack.desk({ helpdesk })
    await desk.start()
    for (const step of [0, 1, 2]) {
      const projecting = keys.map((key) => desk.projector.project(lifeOf(key)[step] ?? failStep()))
      await projecting[3]
      await stack.killHelpdesk()
      await Promise.all(projecting)
      await stack.startHelpdesk()
      await until(isDone)
    }
    await desk.stop()
    await helpdesk.stop()
    await expectOneIssueEach(keys)
  }, 60_000)
})

function failStep(): never {
  throw new Error('a life has three steps')
}
