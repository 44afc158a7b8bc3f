import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type IssueStack,
  keyOf,
  lifeOf,
  startIssueStack,
  until,
} from '../../ingest/src/issues/issue-stack-fixture.ts'
import { createOutboxStore } from '../../ingest/src/issues/outbox-store.ts'

const kills = 200

let stack: IssueStack
beforeAll(async () => {
  stack = await startIssueStack()
}, 300_000)
afterAll(() => stack?.stop(), 30_000)

const pauseMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe(`a helpdesk killed ${kills} times at random points`, () => {
  it('loses and doubles no Issue', async () => {
    const helpdesk = stack.helpdeskAt(stack.helpdeskUrl(), 1_000)
    const desk = stack.desk({
      helpdesk,
      guards: {
        opensPerMinute: 60_000,
        burst: 10_000,
        maxOpenPerLocation: 10_000,
        fullLocationPauseMs: 1_000,
        maxOpensPerSubjectAndDay: 10_000,
      },
    })
    await desk.start()
    const keys: string[] = []
    const store = createOutboxStore(stack.db)
    const isIdle = async () => {
      const depth = await store.depth()
      return depth.pending + depth.sending + depth.retry + depth.ambiguous === 0
    }
    for (let n = 0; n < kills; n += 1) {
      const key = keyOf(50_000 + n)
      keys.push(key)
      // Work under way while it dies: an opening, and a move or a close of an earlier one.
      const earlier = keys[Math.max(0, n - 1 - (n % 3))] ?? key
      const later = lifeOf(earlier)[1 + (n % 2)]
      const [opened] = lifeOf(key)
      const projecting = [opened, later].map((step) =>
        step === undefined ? Promise.resolve() : desk.projector.project(step),
      )
      await pauseMs(Math.random() * 120)
      await stack.killHelpdesk()
      await stack.startHelpdesk()
      await Promise.all(projecting)
    }
    for (const step of [1, 2]) {
      for (const key of keys) {
        const effect = lifeOf(key)[step]
        if (effect !== undefined) await desk.projector.project(effect)
      }
      await until(isIdle, 300_000)
    }
    expect(await desk.deadLetters()).toEqual([])
    const counts = new Map<string, number>()
    for (const key of keys) {
      const found = await helpdesk.findByKey(key, AbortSignal.timeout(10_000))
      if (found.kind !== 'ok') throw new Error(`not found: ${JSON.stringify(found)}`)
      counts.set(key, found.value.length)
      expect([key, found.value[0]?.status]).toEqual([key, 'Resolved'])
    }
    expect([...counts.values()].every((count) => count === 1)).toBe(true)
    const { body } = await stack.call(`/api/issues?limit=1`, stack.person('pos'))
    const [newest] = (body as { items: { number: number }[] }).items
    process.stderr.write(`kills: ${kills}, Issues: ${counts.size}, newest number: ${newest?.number}\n`)
    expect(newest?.number).toBe(kills)
    await desk.stop()
    await helpdesk.stop()
  })
})
