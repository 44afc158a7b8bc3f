import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HelpdeskWatch } from './ports.ts'
import { dedupKeyOf, demoLocationId, demoPeople, startWeb, type WebUnderTest } from './web-under-test.ts'

describe('the way to the helpdesk', () => {
  const outbox = { pending: 2, sending: 0, retry: 1, ambiguous: 0, dead: 1 }
  const letter = {
    key: dedupKeyOf(1),
    opSeq: 1,
    kind: 'open' as const,
    locationId: demoLocationId,
    name: 'Router unreachable',
    reason: 'unknown-queue: there is no queue Network',
    attempts: 1,
    atMs: 5,
  }
  let web: WebUnderTest
  let problems: string[]
  let revived: string[]
  beforeEach(async () => {
    problems = []
    revived = []
    const watch: HelpdeskWatch = {
      state: async () => ({ kind: 'request-tracker', isReachable: false, sinceMs: 7, problems, outbox }),
      depthAt: async (locationId) =>
        locationId === demoLocationId ? { waiting: 2, dead: 1 } : { waiting: 0, dead: 0 },
      health: () => ({ isReachable: false, sinceMs: 7 }),
      look: async () => problems,
      deadLetters: async () => [letter],
      revive: async (key) => {
        revived.push(key)
        return key === letter.key ? 1 : 0
      },
    }
    web = await startWeb({ helpdesk: watch })
    const admin = { id: 'ada', organizationId: 'org-proactive-operations', teamIds: [], name: 'Ada' }
    await web.directory.people.putUser(
      { ...admin, email: 'ada@proactive.example', role: 'admin' },
      'a password to try',
    )
  })
  afterEach(() => web.stop())
  const ada = () => web.browserOf('ada@proactive.example', 'a password to try')

  it('is told at the Location to whoever has a stake in it', async () => {
    const agent = await web.browserOf(demoPeople.posAgent)
    const answer = await agent.request({ url: `/api/locations/${demoLocationId}/helpdesk` })
    expect(answer.json()).toEqual({ isReachable: false, sinceMs: 7, waiting: 2, dead: 1 })
  })

  it('is shown whole to an admin of the operator, with what was refused', async () => {
    const browser = await ada()
    const state = await browser.request({ url: '/api/helpdesk' })
    expect(state.json()).toMatchObject({ kind: 'request-tracker', outbox })
    const letters = await browser.request({ url: '/api/helpdesk/dead-letters' })
    expect(letters.json()).toEqual({ items: [letter] })
  })

  it('is tested on request, in sentences and with a line in the audit trail', async () => {
    const browser = await ada()
    const test = () => browser.request({ method: 'POST', url: '/api/helpdesk/test' })
    expect((await test()).json()).toMatchObject({ problems: [] })
    web.clock.nowMs += 1
    problems = ['The queue Network does not exist: make it, or change PROACTIVE_HELPDESK_TEAMS.']
    expect((await test()).json()).toMatchObject({ problems })
    const { items } = (await browser.request({ url: '/api/audit?subject=test' })).json()
    expect(items).toMatchObject([{ action: 'helpdesk', outcome: 'failed', detail: problems[0] }, {}])
  })

  it('sends a dead letter again, once it exists', async () => {
    const browser = await ada()
    const revive = (key: string) =>
      browser.request({ method: 'POST', url: `/api/helpdesk/dead-letters/${key}/revive` })
    expect((await revive(letter.key)).json()).toEqual({ revived: 1 })
    expect((await revive(dedupKeyOf(2))).statusCode).toBe(404)
    expect((await revive('no-key')).statusCode).toBe(400)
    expect(revived).toEqual([letter.key, dedupKeyOf(2)])
  })
})
