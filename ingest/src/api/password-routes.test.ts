import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passwordLinkLifeMs } from '../directory/password-links.ts'
import { type Browser, startWeb, type WebUnderTest } from './web-under-test.ts'

const secret = 'correct horse battery'
const organizationId = 'org-proactive-operations'

describe('a User handed over, and the link to choose a password by', () => {
  let web: WebUnderTest
  let admin: Browser
  beforeAll(async () => {
    web = await startWeb()
    const ada = { id: 'user-ada', organizationId, teamIds: [], name: 'Ada', role: 'admin' as const }
    await web.directory.people.putUser({ ...ada, email: 'ada@proactive.example' }, secret)
    admin = await web.browserOf('ada@proactive.example', secret)
  })
  afterAll(() => web.stop())

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  const look = (token: string) => web.app.inject({ url: '/api/password', headers: bearer(token) })
  const choose = (token: string, password: string) =>
    web.app.inject({ method: 'POST', url: '/api/password', headers: bearer(token), payload: { password } })
  const user = (email: string) => ({ name: 'Bo', email, role: 'agent', teamIds: [] })
  const add = async (email: string, password?: string) => {
    const payload = { organizationId, ...user(email), ...(password === undefined ? {} : { password }) }
    return (await admin.request({ method: 'POST', url: '/api/users', payload })).json()
  }
  const change = async (id: string, payload: object) =>
    (await admin.request({ method: 'PUT', url: `/api/users/${id}`, payload })).json()

  it('takes the old password and the sessions away with another address, and gives a link that works once', async () => {
    const { id, passwordLink } = await add('first@proactive.example', secret)
    expect(passwordLink).toBeUndefined()
    const first = await web.browserOf('first@proactive.example', secret)
    expect(
      (await change(id, { ...user('first@proactive.example'), name: 'Bo B.' })).passwordLink,
    ).toBeUndefined()
    expect((await first.request({ url: '/api/session' })).statusCode).toBe(200)

    const { passwordLink: link } = await change(id, user('second@proactive.example'))
    expect((await first.request({ url: '/api/session' })).statusCode).toBe(401)
    for (const email of ['first@proactive.example', 'second@proactive.example'])
      expect((await web.logIn(email, secret)).statusCode).toBe(401)
    expect((await look(link.token)).json()).toMatchObject({ name: 'Bo', email: 'second@proactive.example' })
    expect((await choose(link.token, 'too short')).statusCode).toBe(400)
    const chosen = await choose(link.token, 'words of my own choice')
    expect(chosen.json().user).toMatchObject({ id, email: 'second@proactive.example' })
    expect(chosen.cookies).toHaveLength(1)
    expect((await web.logIn('second@proactive.example', 'words of my own choice')).statusCode).toBe(200)
    expect((await choose(link.token, 'words of another one')).json().code).toBe('link-over')
    const rows = await web.database.db.selectFrom('password_links').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(link.token)
  })

  it('gives a link to who was made without a password, which ends by time, by a newer one, and with the User', async () => {
    const made = await add('third@proactive.example')
    expect((await web.logIn('third@proactive.example', '')).statusCode).toBe(400)
    const again = await admin.request({ method: 'POST', url: `/api/users/${made.id}/password-link` })
    expect(again.statusCode).toBe(201)
    expect((await look(made.passwordLink.token)).statusCode).toBe(404)
    const { token } = again.json()
    expect((await look(token)).statusCode).toBe(200)
    // Handed over once more: what the former person was given opens nothing.
    const { passwordLink } = await change(made.id, user('fourth@proactive.example'))
    expect((await look(token)).statusCode).toBe(404)
    web.clock.nowMs += passwordLinkLifeMs
    expect((await look(passwordLink.token)).statusCode).toBe(404)
    admin = await web.browserOf('ada@proactive.example', secret)
    const last = (await admin.request({ method: 'POST', url: `/api/users/${made.id}/password-link` })).json()
    await admin.request({ method: 'DELETE', url: `/api/users/${made.id}` })
    expect((await choose(last.token, 'words of my own choice')).statusCode).toBe(404)
  })

  it('leaves an admin who takes another address the own password', async () => {
    const ada = { name: 'Ada', email: 'ada@new.example', role: 'admin', teamIds: [] }
    expect((await change('user-ada', ada)).passwordLink).toBeUndefined()
    expect((await admin.request({ url: '/api/session' })).statusCode).toBe(401)
    admin = await web.browserOf('ada@new.example', secret)
  })

  it('lets nobody guess', async () => {
    const guess = (n: number) => look(`${'A'.repeat(25)}${String(n).padStart(2, '0')}`)
    for (let n = 0; n < 20; n++) expect([404, 429]).toContain((await guess(n)).statusCode)
    expect((await guess(20)).statusCode).toBe(429)
  })
})
