import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { effect, type IssueStack, keyOf, startIssueStack, until } from './issue-stack-fixture.ts'

let stack: IssueStack
beforeAll(async () => {
  stack = await startIssueStack()
}, 30_000)
afterAll(() => stack?.stop())

describe('an incident that planned work holds back', () => {
  it('has no Issue until it is let go, and one that was never let go never has', async () => {
    const helpdesk = stack.helpdeskAt(stack.helpdeskUrl(), 5_000)
    const desk = stack.desk({ helpdesk })
    await desk.start()
    const [outlasting, passing] = [keyOf(7_101), keyOf(7_102)]
    const held = { issueHeldBy: 'maintenance' } as const
    await desk.projector.project(effect('opened', outlasting, held))
    await desk.projector.project(effect('opened', passing, held))
    await desk.projector.project(effect('updated', passing, { ...held, headline: 'still going on' }))
    await desk.projector.project(
      effect('closed', passing, { ...held, state: 'closed', closedAtMs: 1_700_000_600_000 }),
    )
    await desk.projector.project(effect('updated', outlasting, {}))
    const keys = async () => (await stack.issues()).map(({ key }) => key)
    await until(async () => (await keys()).includes(outlasting))
    expect(await keys()).toEqual([outlasting])
    await desk.stop()
    await helpdesk.stop()
  })
})
