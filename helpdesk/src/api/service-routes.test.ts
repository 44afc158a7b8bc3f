import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDesk, type Desk, key, nils, paula, routerIssue } from './desk-fixture.ts'

let desk: Desk
beforeEach(async () => {
  desk = await createDesk()
})
afterEach(() => desk.stop())

const entriesOf = async (id: unknown) => {
  const { body } = await desk.call(nils, 'GET', `/api/issues/${id}`)
  return (body.entries as { body: string; room: string }[]).map((entry) => entry.body)
}

describe('opening by key', () => {
  it('opens once and answers the same Issue for ever; the first body wins', async () => {
    const first = await desk.open('a')
    const second = await desk.open('a', { ...routerIssue, name: 'Another name' })
    expect([first.status, second.status]).toEqual([201, 200])
    expect(second.body).toEqual(first.body)
    expect(first.body).toMatchObject({
      number: 1,
      source: 'proactive',
      status: 'Unclaimed',
      customerNumber: 'C-1001',
      locationName: 'Market Square',
      ownerTeamName: 'network Team',
      collaboratorTeamIds: ['team-pos'],
      isTouched: false,
      version: 1,
    })
  })

  it('opens one Issue of twenty requests at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => desk.open('a')))
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1)
    expect(new Set(answers.map((answer) => answer.body.number))).toEqual(new Set([1]))
  })

  it('numbers Issues in ascending order without gaps', async () => {
    const numbers = []
    for (const letter of 'abc') numbers.push((await desk.open(letter)).body.number)
    expect(numbers).toEqual([1, 2, 3])
  })

  it.each([
    ['Location', { ...routerIssue, locationId: 'loc-new' }],
    ['owner Team', { ...routerIssue, ownerTeamId: 'team-new' }],
    ['collaborating Team', { ...routerIssue, collaboratorTeamIds: ['team-new'] }],
  ])('says that its directory is behind where it does not know the %s', async (_what, body) => {
    const answer = await desk.open('a', body)
    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ code: 'directory-behind' })
    expect((await desk.call('service', 'GET', `/api/issues/by-key/${key('a')}`)).status).toBe(404)
    expect((await desk.open('b')).body.number).toBe(1)
  })
})

describe('a moved diagnosis', () => {
  const move = {
    opId: 'op-2',
    note: 'The provider is at fault.',
    change: { ownerTeamId: 'team-pos', diagnosis: 'Terminal, not router.' },
  }

  it('brings the Issue to the new Team, Unclaimed, with the former one beside it', async () => {
    const { body: issue } = await desk.open('a', { ...routerIssue, collaboratorTeamIds: [] })
    await desk.call(nils, 'POST', `/api/issues/${issue.id}/claim`)
    const moved = await desk.call('service', 'PATCH', `/api/issues/by-key/${key('a')}`, move)
    expect(moved.body).toMatchObject({
      ownerTeamId: 'team-pos',
      ownerOrganizationId: 'org-pos',
      collaboratorTeamIds: ['team-network'],
      status: 'Unclaimed',
      diagnosis: 'Terminal, not router.',
      isTouched: true,
    })
    expect(moved.body.ownerUserId).toBeUndefined()
    expect((await desk.call(paula, 'POST', `/api/issues/${issue.id}/claim`)).status).toBe(200)
    expect((await entriesOf(issue.id)).join('\n')).toContain('network Team stays as collaborator')
  })

  it('is applied once per operation', async () => {
    const { body: issue } = await desk.open('a')
    const first = await desk.call('service', 'PATCH', `/api/issues/by-key/${key('a')}`, move)
    const again = await desk.call('service', 'PATCH', `/api/issues/by-key/${key('a')}`, move)
    expect(again.body).toEqual(first.body)
    expect(await entriesOf(issue.id)).toHaveLength(2)
  })

  it('adds words only where a person closed the Issue', async () => {
    const { body: issue } = await desk.open('a')
    await desk.call(nils, 'POST', `/api/issues/${issue.id}/resolve`, { resolution: 'Cancelled', text: '' })
    const moved = await desk.call('service', 'PATCH', `/api/issues/by-key/${key('a')}`, move)
    expect(moved.body).toMatchObject({
      status: 'Cancelled',
      ownerTeamId: 'team-network',
      diagnosis: 'Terminal, not router.',
    })
  })
})

describe('a recovery', () => {
  const recovery = { opId: 'op-9', clearedAtMs: 1_700_000_100_000, note: 'The router is back.' }
  const recover = () => desk.call('service', 'POST', `/api/issues/by-key/${key('a')}/recovery`, recovery)

  it('resolves an Issue that nobody touched', async () => {
    await desk.open('a')
    const { body } = await recover()
    expect(body).toMatchObject({ status: 'Resolved', resolution: 'Completed', isTouched: false })
    expect(body.proactive).toMatchObject({ clearedAtMs: recovery.clearedAtMs })
    expect((await recover()).body).toEqual(body)
  })

  it('of a fault that goes on in another Issue counts as none', async () => {
    const { body: issue } = await desk.open('a')
    const folded = { ...recovery, note: 'It goes on in another Issue.', endedBy: 'folded' }
    const { body } = await desk.call('service', 'POST', `/api/issues/by-key/${key('a')}/recovery`, folded)
    expect(body).toMatchObject({ status: 'Resolved', isTouched: false })
    expect(body.closingCode).toBeUndefined()
    expect(body.proactive).not.toHaveProperty('clearedAtMs')
    expect((await entriesOf(issue.id)).at(-1)).not.toContain('by itself')
  })

  it.each([
    ['claimed', 'claim', undefined],
    ['answered', 'entries', { room: 'log', body: 'Looking at it.' }],
  ])('asks to confirm where somebody %s it', async (_what, route, body) => {
    const { body: issue } = await desk.open('a')
    await desk.call(nils, 'POST', `/api/issues/${issue.id}/${route}`, body)
    const answer = await recover()
    expect(['Unclaimed', 'Remote']).toContain(answer.body.status)
    expect(answer.body.proactive).toMatchObject({ clearedAtMs: recovery.clearedAtMs })
    expect((await entriesOf(issue.id)).at(-1)).toContain('Please confirm')
  })

  it('of an unknown key opens nothing', async () => {
    expect((await recover()).status).toBe(404)
  })
})

describe('the change feed', () => {
  const changes = (query: string) => desk.call('service', 'GET', `/api/issues/changes?${query}`)

  it('tells each Issue once, as it is now, and goes on behind the cursor', async () => {
    const { body: a } = await desk.open('a')
    await desk.open('b')
    await desk.call(nils, 'POST', `/api/issues/${a.id}/claim`)
    const first = await changes('')
    expect(
      (first.body.items as { number: number; status: string }[]).map((i) => [i.number, i.status]),
    ).toEqual([
      [2, 'Unclaimed'],
      [1, 'Remote'],
    ])
    expect((await changes(`after=${first.body.cursor}`)).body.items).toEqual([])
    expect((await changes('after=0123456789ab.7')).body.items).toHaveLength(2)
  })

  it('wakes who waits as soon as something changes', async () => {
    const waiting = changes('waitMs=20000')
    await desk.open('a')
    expect((await waiting).body.items).toHaveLength(1)
  })
})
