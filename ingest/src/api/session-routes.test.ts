import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demoPeople, startWeb, type WebUnderTest } from './web-under-test.ts'

describe('log-in', () => {
  let web: WebUnderTest
  beforeEach(async () => {
    web = await startWeb()
  })
  afterEach(() => web.stop())

  it('gives an HttpOnly SameSite cookie and a CSRF token, and tells who is logged in', async () => {
    const browser = await web.browserOf(demoPeople.technician)
    const response = await browser.request({ method: 'GET', url: '/api/session' })
    expect(response.json().user).toMatchObject({
      role: 'technician',
      organizationName: 'Proactive Operations',
    })
    const again = await web.logIn(demoPeople.technician, passwordOf(web, demoPeople.technician))
    expect(again.headers['set-cookie']).toMatch(
      /^proactive=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/,
    )
  })

  it('marks the cookie Secure and host-bound behind a TLS proxy', async () => {
    const proxied = await startWeb({ isBehindProxy: true })
    const user = proxied.demo?.users[0]
    const response = await proxied.logIn(user?.email ?? '', user?.password ?? '')
    expect(response.headers['set-cookie']).toMatch(
      /^__Host-proactive=.*Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
    await proxied.stop()
  })

  it('says the same for a wrong password and for nobody', async () => {
    const wrong = await web.logIn(demoPeople.posAgent, 'wrong')
    const nobody = await web.logIn('nobody@example.org', 'wrong')
    expect([wrong.statusCode, nobody.statusCode]).toEqual([401, 401])
    expect(wrong.body).toBe(nobody.body)
    expect(wrong.headers['content-type']).toContain('application/problem+json')
  })

  it('evaluates at most 20 of many guesses from one address, then answers 429', async () => {
    const statuses: number[] = []
    for (let guess = 0; guess < 60; guess += 1)
      statuses.push((await web.logIn(`user-${guess}@example.org`, 'guess', '192.0.2.9')).statusCode)
    expect(statuses.filter((status) => status === 401)).toHaveLength(20)
    expect(statuses.filter((status) => status === 429)).toHaveLength(40)
    const limited = await web.logIn(demoPeople.posAgent, passwordOf(web, demoPeople.posAgent), '192.0.2.9')
    expect(limited.statusCode).toBe(429)
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
  })

  it('evaluates at most 20 guesses at one account from many addresses, side by side', async () => {
    const guesses = Array.from({ length: 40 }, (_, index) =>
      web.logIn(demoPeople.posAgent.toUpperCase(), 'guess', `198.51.100.${index}`),
    )
    const statuses = (await Promise.all(guesses)).map((response) => response.statusCode)
    expect(statuses.filter((status) => status === 401)).toHaveLength(20)
    expect(statuses.filter((status) => status === 429)).toHaveLength(20)
    web.clock.nowMs += 15 * 60 * 1_000 + 1
    const later = await web.logIn(demoPeople.posAgent, passwordOf(web, demoPeople.posAgent))
    expect(later.statusCode).toBe(200)
  })

  it('does not count right log-ins', async () => {
    for (let round = 0; round < 25; round += 1)
      expect((await web.logIn(demoPeople.posAgent, passwordOf(web, demoPeople.posAgent))).statusCode).toBe(
        200,
      )
  })

  it('ends after 12 hours, at log-out, and when the User is disabled', async () => {
    const first = await web.browserOf(demoPeople.posAgent)
    web.clock.nowMs += 12 * 60 * 60 * 1_000 + 1
    expect((await first.request({ method: 'GET', url: '/api/session' })).statusCode).toBe(401)

    const second = await web.browserOf(demoPeople.posAgent)
    expect((await second.request({ method: 'DELETE', url: '/api/session' })).statusCode).toBe(204)
    expect((await second.request({ method: 'GET', url: '/api/session' })).statusCode).toBe(401)

    const third = await web.browserOf(demoPeople.posAgent)
    await web.directory.people.disableUser('user-pos-agent')
    expect((await third.request({ method: 'GET', url: '/api/session' })).statusCode).toBe(401)
  })

  it('rotates: a log-in ends the session that the browser brought along', async () => {
    const planted = await web.browserOf(demoPeople.technician)
    await planted.request({
      method: 'POST',
      url: '/api/session',
      payload: { email: demoPeople.posAgent, password: passwordOf(web, demoPeople.posAgent) },
    })
    expect((await planted.request({ method: 'GET', url: '/api/session' })).statusCode).toBe(401)
  })

  it('refuses a change without the right CSRF token', async () => {
    const browser = await web.browserOf(demoPeople.technician)
    const url = '/api/locations/loc-cornerstone/claims'
    for (const token of ['', 'wrong', browser.session.csrfToken.slice(1)]) {
      const response = await browser.request({ method: 'POST', url, headers: { 'x-csrf-token': token } })
      expect(response.json()).toMatchObject({ status: 403, code: 'csrf' })
    }
    expect((await browser.request({ method: 'POST', url })).statusCode).toBe(201)
  })

  it('stores no cookie value, and writes down who came in and who did not', async () => {
    const browser = await web.browserOf(demoPeople.technician)
    await web.logIn(demoPeople.technician, 'wrong')
    const stored = JSON.stringify(await web.database.db.selectFrom('sessions').selectAll().execute())
    expect(stored).not.toContain(browser.headers.cookie?.split('=')[1])
    const trail = await web.database.db.selectFrom('audit_entries').selectAll().execute()
    expect(trail.map((entry) => [entry.actor, entry.action, entry.outcome])).toEqual(
      expect.arrayContaining([
        ['user-technician', 'log-in', 'done'],
        ['anonymous', 'log-in', 'refused'],
      ]),
    )
  })
})

describe('set-up', () => {
  let web: WebUnderTest
  beforeEach(async () => {
    web = await startWeb({ isEmpty: true })
  })
  afterEach(() => web.stop())
  const setUp = { organization: 'Fleet Ltd', email: 'Ada@Fleet.example', password: 'correct horse battery' }

  it('makes the first admin for the printed token only, and once only', async () => {
    const post = (token: string) =>
      web.app.inject({ method: 'POST', url: '/api/setup', payload: { ...setUp, token } })
    expect((await web.app.inject('/api/setup')).json()).toEqual({ isNeeded: true })
    expect((await post('guess')).statusCode).toBe(403)
    const token = web.firstAdmin.token ?? ''
    const statuses = await Promise.all([post(token), post(token)])
    expect(statuses.map((response) => response.statusCode).sort()).toEqual([201, 409])
    expect((await web.browserOf('ada@fleet.example', setUp.password)).session.user.role).toBe('admin')
    expect((await web.app.inject('/api/setup')).json()).toEqual({ isNeeded: false })
    expect((await post(token)).statusCode).toBe(409)
  })

  it('cannot be guessed', async () => {
    const statuses: number[] = []
    for (let guess = 0; guess < 30; guess += 1) {
      const payload = { ...setUp, token: `guess-${guess}` }
      statuses.push((await web.app.inject({ method: 'POST', url: '/api/setup', payload })).statusCode)
    }
    expect(statuses.filter((status) => status === 403)).toHaveLength(20)
    expect(statuses.filter((status) => status === 429)).toHaveLength(10)
  })
})

function passwordOf(web: WebUnderTest, email: string): string {
  return web.demo?.users.find((user) => user.email === email)?.password ?? ''
}
