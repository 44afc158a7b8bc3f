import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createDesk,
  type Desk,
  nils,
  nora,
  type Person,
  paula,
  routerIssue,
  stranger,
} from './desk-fixture.ts'

let desk: Desk
beforeEach(async () => {
  desk = await createDesk()
})
afterEach(() => desk.stop())

const numbers = async (actor: Person, query: string) => {
  const { body } = await desk.call(actor, 'GET', `/api/issues?${query}`)
  return (body.items as { number: number }[]).map((item) => item.number)
}

describe('claiming', () => {
  it('gives a contested Issue to exactly one of two', async () => {
    const { body: issue } = await desk.open('a')
    const answers = await Promise.all(
      [nils, nora].map((person) => desk.call(person, 'POST', `/api/issues/${issue.id}/claim`)),
    )
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409])
    const loser = answers.find((answer) => answer.status === 409)
    expect(loser?.body).toMatchObject({ code: 'already-claimed' })
    const winner = answers.find((answer) => answer.status === 200)
    expect(winner?.body).toMatchObject({ status: 'Remote', isTouched: true, version: 2 })
  })

  it('moves the Issue from Unclaimed to Mine', async () => {
    const { body: issue } = await desk.open('a')
    expect(await numbers(nils, 'queue=unclaimed')).toEqual([1])
    await desk.call(nils, 'POST', `/api/issues/${issue.id}/claim`)
    expect(await numbers(nils, 'queue=unclaimed')).toEqual([])
    expect(await numbers(nils, 'queue=mine')).toEqual([1])
    expect(await numbers(nora, 'queue=mine')).toEqual([])
    expect(await numbers(nora, 'queue=team')).toEqual([1])
  })

  it('is not for a collaborator, who sees the Issue and talks in it', async () => {
    const { body: issue } = await desk.open('a')
    expect(await numbers(paula, 'queue=all')).toEqual([1])
    expect(await numbers(paula, 'queue=unclaimed')).toEqual([])
    expect((await desk.call(paula, 'POST', `/api/issues/${issue.id}/claim`)).status).toBe(403)
    const entry = { room: 'private', body: 'The merchant called us.' }
    expect((await desk.call(paula, 'POST', `/api/issues/${issue.id}/entries`, entry)).status).toBe(201)
  })
})

describe('the counts of the queues', () => {
  const counts = async (actor: Person) => (await desk.call(actor, 'GET', '/api/issues/counts')).body

  it('are as long as the lists, for everybody as they see them', async () => {
    for (const letter of 'abc') await desk.open(letter)
    await desk.open('d', { ...routerIssue, ownerTeamId: 'team-pos', collaboratorTeamIds: ['team-network'] })
    await desk.open('e', { ...routerIssue, ownerTeamId: 'team-network-2', collaboratorTeamIds: [] })
    for (const number of [1, 2]) await desk.call(nils, 'POST', `/api/issues/issue-${number}/claim`)
    const resolve = { resolution: 'Completed', text: '', survey: false }
    await desk.call(nils, 'POST', '/api/issues/issue-2/resolve', resolve)
    expect(await counts(nils)).toEqual({ unclaimed: 2, mine: 1, team: 2, all: 5 })
    expect(await counts(stranger)).toEqual({ unclaimed: 0, mine: 0, team: 0, all: 0 })
    for (const person of [nils, nora, paula, { ...nora, teamIds: [] }])
      for (const [queue, count] of Object.entries(await counts(person)))
        expect([queue, (await numbers(person, `queue=${queue}`)).length]).toEqual([queue, count])
  })

  it('end at a thousand, however many Issues there are', async () => {
    await desk.open('a')
    const issue = await desk.db.selectFrom('issues').selectAll().executeTakeFirstOrThrow()
    for (let from = 2; from < 1_102; from += 50) {
      const more = Array.from({ length: 50 }, (_, index) => from + index)
      await desk.db
        .insertInto('issues')
        .values(more.map((number) => ({ ...issue, number, key: null, change_cursor: number })))
        .execute()
      await desk.db
        .insertInto('issue_organizations')
        .values(more.map((issue_number) => ({ issue_number, organization_id: 'org-network' })))
        .execute()
    }
    expect(await counts(nils)).toEqual({ unclaimed: 1_000, mine: 0, team: 1_000, all: 1_000 })
  })
})

describe('an Issue', () => {
  it('does not exist for an Organization that neither owns it nor collaborates', async () => {
    const { body: issue } = await desk.open('a')
    expect(await numbers(stranger, '')).toEqual([])
    const answer = await desk.call(stranger, 'GET', `/api/issues/${issue.id}`)
    const missing = await desk.call(stranger, 'GET', '/api/issues/issue-999')
    expect([answer.status, missing.status]).toEqual([404, 404])
    expect(answer.body).toEqual(missing.body)
  })

  it('keeps its private room from viewers', async () => {
    const { body: issue } = await desk.open('a')
    for (const room of ['public', 'private', 'log'])
      await desk.call(nils, 'POST', `/api/issues/${issue.id}/entries`, { room, body: `said in ${room}` })
    const viewer: Person = { ...nils, id: 'vera', role: 'viewer' }
    const { body } = await desk.call(viewer, 'GET', `/api/issues/${issue.id}`)
    const rooms = new Set((body.entries as { room: string }[]).map((entry) => entry.room))
    expect(rooms).toEqual(new Set(['public', 'log']))
  })

  it('ends once, as Resolved or Cancelled, with its trace in the log', async () => {
    const { body: issue } = await desk.open('a')
    const resolve = { resolution: 'Completed', text: 'Rebooted the router.', survey: false }
    const first = await desk.call(nils, 'POST', `/api/issues/${issue.id}/resolve`, resolve)
    expect(first.body).toMatchObject({
      status: 'Resolved',
      resolution: 'Completed',
      resolutionText: 'Rebooted the router.',
      ownerUserId: 'nils',
    })
    const second = await desk.call(nora, 'POST', `/api/issues/${issue.id}/resolve`, resolve)
    expect([second.status, second.body.code]).toEqual([409, 'already-closed'])
    expect(await numbers(nils, 'status=Resolved')).toEqual([1])
    expect(await numbers(nils, 'queue=team')).toEqual([])
  })

  it('is not changed on the ground of an old version', async () => {
    const { body: issue } = await desk.open('a')
    const seen = await desk.call(nils, 'GET', `/api/issues/${issue.id}`)
    await desk.call(nora, 'POST', `/api/issues/${issue.id}/entries`, { room: 'log', body: 'Wait.' })
    const late = await desk.call(
      nils,
      'POST',
      `/api/issues/${issue.id}/resolve`,
      { resolution: 'Completed', text: '' },
      { 'if-match': String(seen.headers.etag) },
    )
    expect([late.status, late.body.code]).toEqual([412, 'version-mismatch'])
  })
})

describe('a list', () => {
  it('pages through everything, newest first, nothing twice', async () => {
    for (const letter of 'abcdefg') await desk.open(letter)
    await desk.open('h', { ...routerIssue, ownerTeamId: 'team-other', collaboratorTeamIds: [] })
    const seen: number[] = []
    let cursor: unknown
    do {
      const { body } = await desk.call(
        nils,
        'GET',
        `/api/issues?limit=3&location=loc-1${cursor === undefined ? '' : `&cursor=${cursor}`}`,
      )
      seen.push(...(body.items as { number: number }[]).map((item) => item.number))
      cursor = body.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1])
  })
})
