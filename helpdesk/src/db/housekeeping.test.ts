import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDesk, type Desk, key, nils } from '../api/desk-fixture.ts'
import { createHousekeeping } from './housekeeping.ts'

const dayMs = 24 * 3_600_000

describe('what only helps for a while', () => {
  let desk: Desk
  beforeEach(async () => {
    desk = await createDesk()
  })
  afterEach(() => desk.stop())
  const run = () =>
    createHousekeeping({ db: desk.db, nowMs: desk.nowMs, log: pino({ level: 'silent' }) }).run()
  const count = async (table: 'idempotency' | 'applied_operations' | 'api_tokens' | 'entries' | 'audit') =>
    (await desk.db.selectFrom(table).selectAll().execute()).length

  it('goes when its time is over, and not before; what was said and done stays', async () => {
    await desk.open('a')
    await desk.open('b')
    const post = { room: 'log', body: 'Once.' }
    await desk.call(nils, 'POST', '/api/issues/issue-1/entries', post, { 'idempotency-key': 'key-0001' })
    for (const letter of 'ab')
      await desk.call('service', 'PATCH', `/api/issues/by-key/${key(letter)}`, {
        opId: 'op-2',
        note: 'x',
        change: {},
      })
    await desk.call(nils, 'POST', '/api/issues/issue-1/resolve', { resolution: 'Completed', text: '' })
    const token = { name: 'Reports', scopes: ['issues:read'], expiresInDays: 1 }
    await desk.call({ ...nils, role: 'admin' }, 'POST', '/api/tokens', token)
    const said = [await count('entries'), await count('audit')]
    desk.advance(dayMs - 1)
    expect(await run()).toBe(0)
    desk.advance(1)
    expect([await run(), await count('idempotency')]).toEqual([1, 0])
    desk.advance(30 * dayMs + 1)
    expect([await run(), await count('api_tokens'), await count('applied_operations')]).toEqual([1, 0, 2])
    desk.advance(30 * dayMs)
    // The other Issue is open: a repeat of its operation may still come.
    expect([await run(), await count('applied_operations')]).toEqual([1, 1])
    expect([await count('entries'), await count('audit')]).toEqual(said)
  })
})
