import { fingerprint } from '@proactive/shared'
import type { OpenIssue } from '@proactive/shared/http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Helpdesk, HelpdeskChanges, RemoteIssue } from '../../ingest/src/issues/helpdesk.ts'
import type { IssueContext } from '../../ingest/src/issues/trackers/tracker.ts'

/** A helpdesk as the contract needs it: the adapter, a person at the desk, and adapters that are set up wrongly. */
export interface HelpdeskUnderTest {
  readonly helpdesk: Helpdesk
  /** Another adapter on the same helpdesk, as after a restart. */
  again(): Helpdesk
  /** What a person does there; by an Issue's number. */
  readonly person: {
    claim(number: number): Promise<void>
    say(number: number, text: string): Promise<void>
    resolve(number: number): Promise<void>
  }
  /** What was said in an Issue, oldest first. */
  said(number: number): Promise<string[]>
  /** Set up wrongly on purpose; preflight has to say what is wrong. */
  readonly wrong: readonly { readonly what: string; readonly helpdesk: Helpdesk; readonly says: RegExp }[]
  stop(): Promise<void>
}

const signal = AbortSignal.timeout(30 * 60_000)
let run = 0

/** A key nobody used before. */
export function freshKey(): string {
  run += 1
  return `px-test-${fingerprint([Date.now(), process.pid, run])}`
}

/** An Issue of a dead router, owned by the Network Team, the POS Team beside it. */
export const anIssue: OpenIssue = {
  locationId: 'loc-cornerstone',
  name: 'Router unreachable; 1 terminal affected, not at fault',
  ownerTeamId: 'team-network',
  collaboratorTeamIds: ['team-pos'],
  product: { kind: 'not-listed', name: 'Edge router "ER-4" <b>' },
  severity: 'critical',
  categories: ['Network'],
  symptoms: "Card payments fail. O'Hara's terminal shows “no line”.",
  diagnosis: 'The router answers neither ARP nor ICMP.',
  articleUrls: ['/docs/runbooks/router-down.md'],
  proactive: {
    faultClass: 'router-down',
    affectedDeviceIds: ['dev-pos-1'],
    startedAtMs: 1_700_000_000_000,
    evidenceUrl: '/locations/loc-cornerstone',
  },
}

/** The told half of an Issue, for adapters of foreign trackers. */
export const fixedContext: IssueContext = {
  issueOf: async (key, ticket) => ({
    ...anIssue,
    key,
    source: 'proactive',
    customerId: 'cust-1',
    customerName: 'Cornerstone',
    customerNumber: 'C-1',
    locationName: 'Market Square',
    ownerTeamId: ticket.teamId ?? 'team-network',
    ownerTeamName: 'Network Team',
    ownerOrganizationId: 'org-northwind',
    resolutionText: '',
  }),
}

async function ok<Value>(outcome: Promise<{ kind: string; value?: Value }>): Promise<Value> {
  const settled = await outcome
  if (settled.kind !== 'ok') throw new Error(`expected ok: ${JSON.stringify(settled)}`)
  return settled.value as Value
}

/** What every helpdesk has to keep, whoever wrote it. */
export function helpdeskContract(name: string, start: () => Promise<HelpdeskUnderTest>): void {
  describe(`a helpdesk: ${name}`, () => {
    let it_: HelpdeskUnderTest
    beforeAll(async () => {
      it_ = await start()
    }, 180_000)
    afterAll(() => it_?.stop(), 30_000)
    const open = (key: string, issue = anIssue) => ok<RemoteIssue>(it_.helpdesk.open(key, issue, signal))
    const find = (key: string) => ok<readonly RemoteIssue[]>(it_.helpdesk.findByKey(key, signal))
    const move = {
      opId: 'op-2',
      note: 'The terminal itself is off.',
      change: { ownerTeamId: 'team-pos', diagnosis: 'The terminal itself is off.' },
    }
    const recovery = { opId: 'op-3', clearedAtMs: 1_700_000_100_000, note: 'The fault is over.' }

    it('is set up, and says so', async () => {
      expect(await it_.helpdesk.preflight(signal)).toEqual({ ok: true })
    })

    it('says in a sentence what is set up wrongly', async () => {
      for (const { what, helpdesk, says } of it_.wrong) {
        const verdict = await helpdesk.preflight(signal)
        expect([what, verdict.ok]).toEqual([what, false])
        if (!verdict.ok) expect(verdict.problems.join('\n')).toMatch(says)
      }
    })

    it('opens Unclaimed at the owner Team, and is found by exactly its key', async () => {
      const [key, other] = [freshKey(), freshKey()]
      const opened = await open(key)
      await open(other)
      expect(opened).toMatchObject({
        key,
        status: 'Unclaimed',
        ownerTeamId: 'team-network',
        isTouched: false,
      })
      expect((await find(key)).map((issue) => issue.number)).toEqual([opened.number])
      expect(await find(freshKey())).toEqual([])
      expect((await it_.said(opened.number)).join('\n')).toContain('neither ARP nor ICMP')
    })

    it('holds one Issue after four opens of one key at once', async () => {
      const key = freshKey()
      await Promise.all([1, 2, 3, 4].map(() => it_.helpdesk.open(key, anIssue, signal)))
      const [first, ...duplicates] = await find(key)
      expect(first).toBeDefined()
      if (first !== undefined)
        for (const duplicate of duplicates) await ok(mustMerge(it_.helpdesk)(duplicate, first, signal))
      expect((await find(key)).map((issue) => issue.number)).toEqual([first?.number])
    })

    it('refuses a Team it does not know, and opens nothing', async () => {
      const key = freshKey()
      const outcome = await it_.helpdesk.open(key, { ...anIssue, ownerTeamId: 'team-nowhere' }, signal)
      expect(['permanent', 'retry']).toContain(outcome.kind)
      expect(await find(key)).toEqual([])
    })

    it('follows the diagnosis to another Team; the same operation twice is told once', async () => {
      const key = freshKey()
      const { number } = await open(key)
      const moved = await ok<RemoteIssue>(it_.helpdesk.update(key, move, signal))
      expect(moved).toMatchObject({ number, ownerTeamId: 'team-pos', status: 'Unclaimed' })
      const before = await it_.said(number)
      expect(await ok<RemoteIssue>(it_.again().update(key, move, signal))).toMatchObject({ number })
      expect(await it_.said(number)).toEqual(before)
      expect(before.filter((text) => text.includes('The terminal itself is off.')).length).toBe(1)
    })

    it('resolves by itself what nobody touched, and once', async () => {
      const key = freshKey()
      const { number } = await open(key)
      const resolved = await ok<RemoteIssue>(it_.helpdesk.recover(key, recovery, signal))
      expect(resolved).toMatchObject({ number, status: 'Resolved', isTouched: false })
      const before = await it_.said(number)
      expect(await ok<RemoteIssue>(it_.helpdesk.recover(key, recovery, signal))).toMatchObject({
        status: 'Resolved',
      })
      expect(await it_.said(number)).toEqual(before)
    })

    it('asks a person who claimed it to confirm the recovery', async () => {
      const key = freshKey()
      const { number } = await open(key)
      await it_.person.claim(number)
      await it_.person.say(number, 'I am on it.')
      const recovered = await ok<RemoteIssue>(it_.helpdesk.recover(key, recovery, signal))
      expect(recovered).toMatchObject({ status: 'Remote', isTouched: true })
      expect((await it_.said(number)).at(-1)).toContain('Please confirm')
    })

    it('leaves closed what a person closed; an update only adds words', async () => {
      const key = freshKey()
      const { number } = await open(key)
      await it_.person.claim(number)
      await it_.person.resolve(number)
      const updated = await ok<RemoteIssue>(it_.helpdesk.update(key, move, signal))
      expect(updated).toMatchObject({ status: 'Resolved', ownerTeamId: 'team-network' })
      expect((await it_.said(number)).join('\n')).toContain('The terminal itself is off.')
    })

    it('opens nothing for an update or a recovery of a key it does not know', async () => {
      const key = freshKey()
      expect((await it_.helpdesk.update(key, move, signal)).kind).toBe('permanent')
      expect((await it_.helpdesk.recover(key, recovery, signal)).kind).toBe('permanent')
      expect(await find(key)).toEqual([])
    })

    it('tells what people do, also across a restart', async () => {
      const key = freshKey()
      const { number } = await open(key)
      const statuses: string[] = []
      let cursor: string | undefined
      const follow = async (helpdesk: Helpdesk) => {
        for (let look = 0; look < 8; look += 1) {
          const changes = await ok<HelpdeskChanges>(helpdesk.changesSince(cursor, 2_000, signal))
          cursor = changes.cursor
          const seen = changes.issues.filter((issue) => issue.key === key)
          for (const issue of seen) statuses.push(issue.status)
          if (seen.length > 0) return
        }
      }
      await follow(it_.helpdesk)
      await it_.person.claim(number)
      await follow(it_.again())
      expect(statuses).toContain('Unclaimed')
      expect(statuses.at(-1)).toBe('Remote')
    })
  })
}

function mustMerge(helpdesk: Helpdesk) {
  const { merge } = helpdesk
  if (merge === undefined) throw new Error('a helpdesk without unique keys has to merge')
  return merge
}
