import { generateKeyPairSync, sign } from 'node:crypto'
import { userRoles } from '@proactive/shared/http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createDesk,
  type Desk,
  key,
  nils,
  type Person,
  paula,
  routerIssue,
  stranger,
} from './desk-fixture.ts'

let desk: Desk
let issueId: string
let fileId: string
let articleId: string
beforeAll(async () => {
  desk = await createDesk()
  issueId = String((await desk.open('a')).body.id)
  const bytes = { 'content-type': 'application/octet-stream' }
  const file = await desk.call(nils, 'POST', `/api/issues/${issueId}/files?name=a.txt`, 'bytes', bytes)
  fileId = String(file.body.id)
  articleId = String((await desk.call(nils, 'POST', '/api/articles', { title: 'Own', body: 'Own.' })).body.id)
})
afterAll(() => desk.stop())

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
interface Route {
  readonly method: Method
  readonly url: string
  readonly body?: unknown
  /** What owner, collaborator and stranger get with at least the role; below the role 403. Service-only routes name no role. */
  readonly users?: {
    least: (typeof userRoles)[number]
    owner: number
    collaborator: number
    stranger: number
  }
  readonly service: number
  /** What a Customer User gets; 403 unless told. */
  readonly customer?: number
  readonly type?: string
}

/** Every route that asks for a token. A stale `If-Match` keeps the walk from changing what the next step looks at: 412 = it was let in. */
const routes: readonly Route[] = [
  { method: 'PUT', url: `/api/issues/by-key/${key('a')}`, body: routerIssue, service: 200 },
  { method: 'GET', url: `/api/issues/by-key/${key('a')}`, service: 200 },
  {
    method: 'PATCH',
    url: `/api/issues/by-key/${key('a')}`,
    body: { opId: 'x', note: '', change: {} },
    service: 412,
  },
  {
    method: 'POST',
    url: `/api/issues/by-key/${key('a')}/recovery`,
    body: { opId: 'y', clearedAtMs: 1, note: '' },
    service: 412,
  },
  { method: 'GET', url: '/api/issues/changes', service: 200 },
  {
    method: 'POST',
    url: '/api/reports',
    // Good news from where the Organization has no part in anything: nothing to say it to.
    body: {
      reportId: 'r',
      linkId: 'l',
      locationId: 'loc-1',
      organizationId: 'org-other',
      teamId: 'team-other',
      kind: 'works-again',
      text: '',
      name: 'x',
    },
    service: 200,
  },
  {
    method: 'GET',
    url: '/api/reports/standing?locationId=loc-1&organizationId=org-pos&linkId=l',
    service: 200,
  },
  { method: 'GET', url: '/api/directory/cursor', service: 200 },
  { method: 'POST', url: '/api/directory/changes', body: { changes: [] }, service: 200 },
  {
    method: 'GET',
    url: '/api/issues',
    users: { least: 'viewer', owner: 200, collaborator: 200, stranger: 200 },
    service: 403,
  },
  {
    method: 'GET',
    url: '/api/issues/counts',
    users: { least: 'viewer', owner: 200, collaborator: 200, stranger: 200 },
    service: 403,
  },
  {
    method: 'GET',
    url: '/api/issues/ISSUE',
    users: { least: 'viewer', owner: 200, collaborator: 200, stranger: 404 },
    service: 403,
  },
  {
    method: 'POST',
    url: '/api/issues/ISSUE/claim',
    users: { least: 'agent', owner: 412, collaborator: 403, stranger: 404 },
    service: 403,
  },
  {
    method: 'POST',
    url: '/api/issues/ISSUE/entries',
    body: { room: 'log', body: 'x' },
    users: { least: 'agent', owner: 412, collaborator: 412, stranger: 404 },
    service: 403,
  },
  {
    method: 'POST',
    url: '/api/issues/ISSUE/resolve',
    body: { resolution: 'Completed', text: '' },
    users: { least: 'agent', owner: 412, collaborator: 403, stranger: 404 },
    service: 403,
  },
  {
    method: 'POST',
    url: '/api/issues',
    body: { locationId: 'loc-1', name: 'Call', source: 'phone', ownerTeamId: 'team-network' },
    users: { least: 'agent', owner: 201, collaborator: 409, stranger: 409 },
    service: 403,
  },
  ...[
    ['PATCH', '', { name: 'x' }],
    ['PUT', '/collaborators', { teamIds: [] }],
    ['POST', '/assign', { teamId: 'team-network' }],
    ['POST', '/hand-over', { teamId: 'team-network-2', note: 'x' }],
    ['POST', '/hand-back', { note: 'x' }],
    ['POST', '/escalate', { teamId: 'team-pos', note: 'x' }],
    ['POST', '/de-escalate', { note: 'x' }],
  ].map(([method, what, body]) => ({
    method: method as Method,
    url: `/api/issues/ISSUE${what}`,
    body,
    users: { least: 'agent', owner: 412, collaborator: 403, stranger: 404 } as const,
    service: 403,
  })),
  ...(['/products', '/files'] as const).map((what) => ({
    method: 'GET' as const,
    url: `/api/issues/ISSUE${what}`,
    users: { least: 'viewer', owner: 200, collaborator: 200, stranger: 404 } as const,
    service: 403,
  })),
  {
    method: 'GET',
    url: '/api/issues/ISSUE/files/FILE',
    users: { least: 'viewer', owner: 200, collaborator: 200, stranger: 404 },
    service: 403,
  },
  {
    method: 'POST',
    url: '/api/issues/ISSUE/files?name=a.txt',
    body: 'bytes',
    type: 'application/octet-stream',
    users: { least: 'agent', owner: 412, collaborator: 412, stranger: 404 },
    service: 403,
  },
  {
    method: 'GET',
    url: '/api/issues/ISSUE/people',
    users: { least: 'agent', owner: 200, collaborator: 200, stranger: 404 },
    service: 403,
  },
  {
    method: 'GET',
    url: '/api/issues/ISSUE/history',
    users: { least: 'agent', owner: 200, collaborator: 200, stranger: 404 },
    service: 403,
  },
  {
    method: 'POST',
    url: '/api/issues/ISSUE/articles',
    body: { articleId: 'x' },
    users: { least: 'agent', owner: 412, collaborator: 412, stranger: 404 },
    service: 403,
  },
  {
    method: 'GET',
    url: '/api/articles',
    users: { least: 'viewer', owner: 200, collaborator: 200, stranger: 200 },
    service: 403,
  },
  {
    method: 'GET',
    url: '/api/articles/ARTICLE',
    users: { least: 'viewer', owner: 200, collaborator: 404, stranger: 404 },
    service: 403,
  },
  {
    method: 'POST',
    url: '/api/articles',
    body: { title: 'x', body: 'x' },
    users: { least: 'agent', owner: 201, collaborator: 201, stranger: 201 },
    service: 403,
  },
  {
    method: 'PUT',
    url: '/api/articles/ARTICLE',
    body: { title: 'x', body: 'x' },
    users: { least: 'agent', owner: 412, collaborator: 404, stranger: 404 },
    service: 403,
  },
  ...[
    ['POST', '/api/tokens', { name: 'x', scopes: ['issues:read'], expiresInDays: 1 }, 201],
    ['GET', '/api/tokens', undefined, 200],
    ['DELETE', '/api/tokens/none', undefined, 404],
    ['POST', '/api/webhooks', { url: 'https://127.0.0.1/x' }, 422],
    ['GET', '/api/webhooks', undefined, 200],
    ['DELETE', '/api/webhooks/none', undefined, 404],
    ['GET', '/api/webhooks/none/deliveries', undefined, 404],
    ['POST', '/api/webhooks/none/deliveries/none/replay', undefined, 404],
    ['GET', '/api/support-hours', undefined, 404],
    ['PUT', '/api/support-hours', { timeZone: 'UTC', calendar: { openings: [], holidays: [] } }, 200],
  ].map(([method, url, body, status]) => ({
    method: method as Method,
    url: String(url),
    body,
    users: {
      least: 'admin',
      owner: Number(status),
      collaborator: Number(status),
      stranger: Number(status),
    } as const,
    service: 403,
  })),
  { method: 'GET', url: '/api/customer/issues', service: 403, customer: 200 },
  { method: 'GET', url: '/api/customer/issues/ISSUE', service: 403, customer: 404 },
  {
    method: 'POST',
    url: '/api/customer/issues/ISSUE/entries',
    body: { body: 'x' },
    service: 403,
    customer: 404,
  },
]
const people = { owner: nils, collaborator: paula, stranger } as const

describe('every route', () => {
  it('is in the walk below', () => {
    const walked = routes.map(({ method, url }) =>
      `${method} ${url}`
        .replace(key('a'), '{key}')
        .replace('FILE', '{fileId}')
        .replace(/ISSUE|ARTICLE/, '{id}')
        .replace(/\?.*/, '')
        .replace('deliveries/none', 'deliveries/{deliveryId}')
        .replace(/\/none/, '/{id}'),
    )
    const paths: object = desk.app.swagger().paths ?? {}
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations as object).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(walked.sort()).toEqual(documented.sort())
  })

  it.each(routes)('$method $url lets in whom its rule names, and nobody else', async (route) => {
    const url = route.url.replace('ISSUE', issueId).replace('FILE', fileId).replace('ARTICLE', articleId)
    const headers: Record<string, string> = { 'if-match': '"99"' }
    if (route.type !== undefined) headers['content-type'] = route.type
    const bare = await desk.send(route.method, url, route.body, headers)
    expect(bare.status).toBe(401)
    expect((await desk.call('service', route.method, url, route.body, headers)).status).toBe(route.service)
    const customer = { id: 'cu-1', customerId: 'cust-1' }
    const toCustomer = await desk.call(customer, route.method, url, route.body, headers)
    expect(toCustomer.status).toBe(route.customer ?? 403)
    for (const [side, person] of Object.entries(people) as [keyof typeof people, Person][]) {
      for (const role of userRoles) {
        const isEnough =
          route.users !== undefined && userRoles.indexOf(role) >= userRoles.indexOf(route.users.least)
        const answer = await desk.call({ ...person, role }, route.method, url, route.body, headers)
        expect([side, role, answer.status]).toEqual([side, role, isEnough ? route.users?.[side] : 403])
      }
    }
  })
})

describe('an actor token', () => {
  const get = (token: string) =>
    desk.send('GET', '/api/issues', undefined, { authorization: `Bearer ${token}` })
  const nowSeconds = () => Math.floor(desk.nowMs() / 1_000)

  it('is refused after its minute, before its time, and where it would live longer', async () => {
    const at = (iat: number, exp: number) => get(desk.tokenOf(nils, { iat, exp }))
    const now = nowSeconds()
    expect((await at(now, now + 60)).status).toBe(200)
    expect((await at(now - 63, now - 3)).status).toBe(200)
    expect((await at(now - 70, now - 10)).body.code).toBe('token-expired')
    expect((await at(now + 30, now + 60)).status).toBe(401)
    expect((await at(now, now + 61)).status).toBe(401)
  })

  it.each([
    ['another audience', { aud: 'somebody-else' }],
    ['another issuer', { iss: 'somebody-else' }],
    ['an unknown claim', { sudo: true }],
    ['an unknown role', { role: 'root' }],
  ])('is refused with %s', async (_what, changed) => {
    expect((await get(desk.tokenOf(nils, changed))).status).toBe(401)
  })

  it('is refused with another algorithm, without a signature, with a foreign one', async () => {
    const good = desk.tokenOf(nils)
    const [header, payload] = good.split('.')
    const claims = JSON.parse(Buffer.from(String(payload), 'base64url').toString())
    const foreign = sign(null, Buffer.from(`${header}.${payload}`), generateKeyPairSync('ed25519').privateKey)
    const refused = [
      desk.sign(claims, { alg: 'none' }),
      desk.sign(claims, { alg: 'HS256' }),
      desk.sign(claims, { alg: 'EdDSA', crit: ['x'] }),
      `${header}.${payload}.`,
      `${header}.${payload}.${foreign.toString('base64url')}`,
      'x'.repeat(20_000),
    ]
    for (const token of refused) expect((await get(token)).status).toBe(401)
  })
})

describe('bad input', () => {
  it('never ends in a 5xx, whatever the path and the body', async () => {
    const urls = fc.constantFrom(
      `/api/issues/by-key/${key('a')}`,
      '/api/issues/by-key/%00',
      '/api/issues/by-key/x',
      '/api/issues/%E0%A4%A',
      `/api/issues/${'9'.repeat(300)}`,
      '/api/issues/issue-99999999999999999999',
      '/api/issues?limit=1e9',
      '/api/issues?cursor=-1',
      '/api/issues?queue=team&queue=mine',
      '/api/issues/changes?after=%00.%00&waitMs=-1',
      '/api/directory/changes',
      `/api/issues/by-key/${key('z')}/recovery`,
      '/api/issues/issue-1/entries',
      '//api/issues',
      '/api/issues/../directory/cursor',
    )
    const bodies = fc.oneof(
      fc.anything({ withNullPrototype: false }).map((value) => JSON.stringify(value) ?? ''),
      fc.string(),
      fc.constant('{"__proto__":{"a":1}}'),
      fc.constant('{"constructor":{"prototype":1}}'),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET' as const, 'PUT' as const, 'POST' as const, 'PATCH' as const, 'DELETE' as const),
        urls,
        bodies,
        fc.constantFrom('application/json', 'text/plain', 'application/xml', ''),
        fc.constantFrom('service' as const, nils, stranger),
        async (method, url, body, type, actor) => {
          const headers = type === '' ? {} : { 'content-type': type }
          const answer = await desk.call(actor, method, url, method === 'GET' ? undefined : body, headers)
          expect(answer.status).toBeLessThan(500)
          if (answer.status >= 400) expect(answer.headers['content-type']).toContain('problem+json')
        },
      ),
      { numRuns: 300 },
    )
  })

  it('is told field by field', async () => {
    const answer = await desk.open('b', { ...routerIssue, name: 'x'.repeat(300) })
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ code: 'invalid-request', errors: [{ path: 'name' }] })
  })

  it('is refused above the size limit before it is parsed', async () => {
    const answer = await desk.open('b', { ...routerIssue, symptoms: 'x'.repeat(300_000) })
    expect([answer.status, answer.body.code]).toEqual([413, 'body-too-large'])
  })
})
