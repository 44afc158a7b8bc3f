import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, demoLocationId, startWeb, viewOf, type WebUnderTest } from './web-under-test.ts'

describe('bad input', () => {
  let web: WebUnderTest
  let admin: Browser
  beforeAll(async () => {
    web = await startWeb()
    await web.directory.people.putUser(
      {
        id: 'user-admin',
        organizationId: 'org-proactive-operations',
        teamIds: [],
        name: 'Ada Admin',
        email: 'admin@proactive.example',
        role: 'admin',
      },
      'correct horse battery',
    )
    admin = await logInAgain()
    await web.projections.projectView(viewOf(demoLocationId))
    await web.directory.appliances.register({
      applianceId: 'box-1',
      locationId: demoLocationId,
      certificateNotAfterMs: 1_800_000_000_000,
    })
  })
  afterAll(() => web.stop())

  /** Every route that takes a body, the directory's too. */
  const bodyRoutes = () =>
    web.routes
      .filter(({ method, url }) => /^(?:POST|PUT|DELETE)$/.test(String(method)) && url.startsWith('/api/'))
      .filter(({ method, url }) => `${method} ${url}` !== 'DELETE /api/session')
      .map(({ method, url }) => [method, pathOf(url)] as const)

  it('never answers 5xx to any JSON on any route, and says what is wrong as problem+json', async () => {
    const hostile = fc.oneof(
      fc.json({ maxDepth: 4 }),
      fc
        .dictionary(
          fc.constantFrom(...fieldNames),
          fc.oneof(fc.constantFrom(...hostileValues), fc.jsonValue({ maxDepth: 2 })),
        )
        .map((value) => JSON.stringify(value)),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...bodyRoutes()), hostile, async ([method, url], json) => {
        web.clock.nowMs += 3_600_000
        const response = await web.app.inject({
          method,
          url,
          payload: json,
          headers: { ...(await fresh()).headers, 'content-type': 'application/json' },
        })
        expect(response.statusCode, `${method} ${url} ${json}`).toBeLessThan(500)
        if (response.statusCode >= 400)
          expect(response.headers['content-type']).toContain('application/problem+json')
      }),
      { numRuns: 400 },
    )
  })

  it('never answers 5xx to any path, query or id', async () => {
    const ids = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('..', '%00', '__proto__', 'constructor', '%2e%2e%2f', "' or 1=1 --", 'a'.repeat(500)),
    )
    const routes = fc.constantFrom(
      (id: string) => `/api/locations/${id}`,
      (id: string) =>
        `/api/locations/${demoLocationId}/series?family=device&subject=${id}&field=${id}&fromMs=${id}&toMs=1`,
      (id: string) => `/api/events?location=${id}&x=${id}`,
      (id: string) => `/helpdesk/api/${id}`,
      (id: string) => `/${id}`,
    )
    const browser = await fresh()
    await fc.assert(
      fc.asyncProperty(routes, ids, async (route, id) => {
        const url = route(encodeURIComponent(id.toWellFormed()))
        const response = await browser.request({ method: 'GET', url })
        // Without a console and a helpdesk, 503 is their honest answer.
        expect([200, 400, 404, 414, 503], url).toContain(response.statusCode)
      }),
      { numRuns: 200 },
    )
  })

  it('refuses other media types, however they are spelt', async () => {
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json\t; x=y',
      'application/json ,text/plain',
      'application/jsonx',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-16',
    ]
    for (const type of types) {
      const response = await web.app.inject({
        method: 'POST',
        url: '/api/session',
        payload: '{}',
        headers: { 'content-type': type },
      })
      expect([type, response.statusCode]).toEqual([type, 415])
    }
  })

  it('refuses bodies that are too large, too deep, poisoned or no JSON', async () => {
    const post = (payload: string) =>
      web.app.inject({
        method: 'POST',
        url: '/api/session',
        payload,
        headers: { 'content-type': 'application/json' },
      })
    expect((await post(`"${'x'.repeat(1_100_000)}"`)).json()).toMatchObject({
      status: 413,
      code: 'body-too-large',
    })
    expect((await post('['.repeat(100_000) + ']'.repeat(100_000))).statusCode).toBe(400)
    expect((await post(`${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}`)).statusCode).toBe(400)
    expect(
      (await post('{"__proto__":{"role":"admin"},"email":"a@b.example","password":"x"}')).statusCode,
    ).toBe(400)
    expect(
      (await post('{"constructor":{"prototype":{}},"email":"a@b.example","password":"x"}')).statusCode,
    ).toBe(400)
    expect((await post('{"email":')).statusCode).toBe(400)
    expect((await post('null')).statusCode).toBe(400)
    const unknown = await post('{"email":"a@b.example","password":"x","role":"admin"}')
    expect(unknown.json()).toMatchObject({ status: 400, code: 'invalid-request' })
    expect(unknown.json().errors.length).toBeGreaterThan(0)
  })

  it('takes no broken cookies for a log-in', async () => {
    const cookies = [
      'proactive=',
      `proactive=${'x'.repeat(5_000)}`,
      'proactive=%00',
      'proactive=a; proactive=b',
      '=;=;',
    ]
    for (const cookie of cookies) {
      const response = await web.app.inject({ url: '/api/session', headers: { cookie } })
      expect([cookie.slice(0, 20), response.statusCode]).toEqual([cookie.slice(0, 20), 401])
    }
  })

  it('answers garbage on the socket with 400 and lives on', async () => {
    await web.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = web.app.server.address() as AddressInfo
    for (const bytes of [
      '\x16\x03\x01\x00',
      'GET / HTTP/9.9\r\n\r\n',
      'GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n',
      '\r\n\r\n\r\n{}',
    ]) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined).resume()
      socket.end(bytes, 'latin1')
      await once(socket, 'close')
    }
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
  })

  it('sends a policy that lets the page load nothing from elsewhere, on every answer', async () => {
    for (const url of ['/', '/api/session', '/api/nowhere', '/healthz']) {
      const { headers } = await web.app.inject(url)
      expect(headers['content-security-policy']).toContain("default-src 'self'")
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    }
  })

  it('sends it with answers that come line by line too', async () => {
    const { headers } = await admin.request({
      method: 'POST',
      url: '/api/appliances/box-1/commands',
      payload: { request: { action: 'rescan' } },
      headers: { accept: 'application/x-ndjson' },
    })
    expect(headers['content-type']).toBe('application/x-ndjson')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['content-security-policy']).toContain("default-src 'self'")
  })

  const logInAgain = () => web.browserOf('admin@proactive.example', 'correct horse battery')

  /** A session that the moving clock has not ended. */
  async function fresh(): Promise<Browser> {
    const check = await admin.request({ method: 'GET', url: '/api/session' })
    if (check.statusCode !== 200) admin = await logInAgain()
    return admin
  }
})

const fieldNames = [
  ...[
    'name',
    'email',
    'password',
    'token',
    'organization',
    'organizationId',
    'teamIds',
    'role',
    'line',
    'number',
  ],
  ...[
    'customerId',
    'timeZone',
    'calendar',
    'kind',
    'productId',
    'teamId',
    'mode',
    'networks',
    'request',
    'budgetMs',
  ],
]
const hostileValues = [
  ...[
    '',
    '\0',
    '\u2028',
    '\ud800',
    '../..',
    "'; drop table users; --",
    '<script>',
    '=cmd()',
    '\u001b[31m',
    'a'.repeat(5_000),
  ],
  ...[-0, 1e308, 2 ** 53, -1, [], {}, null, 'loc-cornerstone', 'org-tillwise', 'team-pos', 'admin', 'UTC'],
]

function pathOf(url: string): string {
  return url
    .replace('/appliances/:id', '/appliances/box-1')
    .replace(':id', demoLocationId)
    .replace(':deviceId', 'dev-pos-1')
    .replace(':ruleId', 'rule-fallback')
    .replace(':userId', 'user-nowhere')
}
