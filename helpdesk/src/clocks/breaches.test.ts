import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDesk, type Desk, nils, paula, routerIssue } from '../api/desk-fixture.ts'
import { createBreachKeeper } from './breaches.ts'

let desk: Desk
beforeEach(async () => {
  desk = await createDesk()
})
afterEach(() => desk.stop())

const look = () =>
  createBreachKeeper({
    db: desk.db,
    nowMs: desk.nowMs,
    log: pino({ level: 'silent' }),
    notify: () => desk.changes.notify(),
    breaches: desk.metrics.breaches,
  }).run()
const create = async (source: string) => {
  const body = { locationId: 'loc-1', name: 'Help', source, ownerTeamId: 'team-pos' }
  return (await desk.call(paula, 'POST', '/api/issues', body)).body
}
const minute = 60_000

describe('the clock of the first human answer', () => {
  it.each([
    ['chat', 'chat', 2],
    ['sms', 'chat', 2],
    ['email', 'mail', 60],
    ['web', 'mail', 60],
  ])('gives %s its limit %s of %d minutes', async (source, limit, minutes) => {
    expect((await create(source)).response).toEqual({
      limit,
      respondByMs: desk.nowMs() + minutes * minute,
    })
  })

  it('does not run for a call, and two hours day and night for what is critical', async () => {
    expect((await create('phone')).response).toBeUndefined()
    expect((await desk.open('a')).body.response).toMatchObject({
      limit: 'critical',
      respondByMs: desk.nowMs() + 120 * minute,
    })
    expect((await desk.open('b', { ...routerIssue, severity: 'high' })).body.response).toBeUndefined()
  })

  it('is breached once, when its time has come and nobody answered', async () => {
    const { id } = await create('chat')
    desk.advance(2 * minute - 1)
    expect(await look()).toBe(0)
    desk.advance(1)
    expect([await look(), await look()]).toEqual([1, 0])
    const { body } = await desk.call(paula, 'GET', `/api/issues/${id}`)
    expect(body.response).toMatchObject({ breachedAtMs: desk.nowMs() })
    expect(JSON.stringify(body.entries)).toContain('No answer within the limit (chat)."')
    const feed = await desk.call('service', 'GET', '/api/issues/changes')
    expect(feed.body.items).toMatchObject([{ id, response: { breachedAtMs: desk.nowMs() } }])
  })

  it('tells by how much a note comes late, on no clock of anybody', async () => {
    const { id } = await create('chat')
    desk.advance(92.5 * minute)
    await look()
    const { body } = await desk.call(paula, 'GET', `/api/issues/${id}`)
    expect(JSON.stringify(body.entries)).toContain(
      'No answer within the limit (chat); it was due 90 min before this note.',
    )
  })

  it('stops at the first words to the Customer; a claim and an inner note are none', async () => {
    const { id } = await create('chat')
    await desk.call(paula, 'POST', `/api/issues/${id}/claim`)
    await desk.call(paula, 'POST', `/api/issues/${id}/entries`, { room: 'private', body: 'Hm.' })
    expect((await desk.call(paula, 'GET', `/api/issues/${id}`)).body.response).not.toHaveProperty(
      'respondedAtMs',
    )
    desk.advance(minute)
    const answeredAtMs = desk.nowMs()
    await desk.call(paula, 'POST', `/api/issues/${id}/entries`, { room: 'public', body: 'Hello.' })
    desk.advance(minute)
    await desk.call(paula, 'POST', `/api/issues/${id}/entries`, { room: 'public', body: 'Still there?' })
    expect((await desk.call(paula, 'GET', `/api/issues/${id}`)).body.response).toMatchObject({
      respondedAtMs: answeredAtMs,
    })
    desk.advance(60 * minute)
    expect(await look()).toBe(0)
  })

  it('stops for a proactive Issue when somebody takes it up, not when we note something', async () => {
    const { body: issue } = await desk.open('a')
    await desk.call('service', 'PATCH', `/api/issues/by-key/${issue.key}`, {
      opId: 'op-2',
      note: 'More.',
      change: {},
    })
    await desk.call(nils, 'POST', `/api/issues/${issue.id}/claim`)
    desk.advance(180 * minute)
    expect(await look()).toBe(0)
  })

  it('keeps the Organization’s hours', async () => {
    // The fixture's clock stands at 2023-11-14T22:13:20Z, a Tuesday.
    const hours = {
      timeZone: 'UTC',
      calendar: { openings: [{ weekday: 3, from: '08:00', to: '16:00' }], holidays: [] },
    }
    const set = await desk.call({ ...paula, role: 'admin' }, 'PUT', '/api/support-hours', hours)
    expect(set.status).toBe(200)
    const kept = await desk.call({ ...paula, role: 'admin' }, 'GET', '/api/support-hours')
    expect(kept.body).toEqual(hours)
    expect((await create('email')).response).toMatchObject({
      respondByMs: Date.parse('2023-11-15T09:00:00Z'),
    })
    const wrong = await desk.call({ ...paula, role: 'admin' }, 'PUT', '/api/support-hours', {
      ...hours,
      timeZone: 'Mars/Base',
    })
    expect(wrong.status).toBe(400)
  })
})
