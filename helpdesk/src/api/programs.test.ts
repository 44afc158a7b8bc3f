import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDesk, type Desk, nils, paula, stranger } from './desk-fixture.ts'

let desk: Desk
beforeEach(async () => {
  desk = await createDesk()
})
afterEach(() => desk.stop())

const admin = { ...nils, id: 'ada', role: 'admin' as const }
const dayMs = 24 * 3_600_000
const makeToken = async (scopes: string[], expiresInDays = 30) =>
  (await desk.call(admin, 'POST', '/api/tokens', { name: 'Reports', scopes, expiresInDays })).body as {
    id: string
    token: string
  }
const as = (token: string) => ({ authorization: `Bearer ${token}` })

describe('a program’s token', () => {
  it('is shown once and kept as a hash', async () => {
    const { token, id } = await makeToken(['issues:read'])
    const listed = await desk.call(admin, 'GET', '/api/tokens')
    expect(listed.body.items).toMatchObject([{ id, name: 'Reports', scopes: ['issues:read'] }])
    const rows = await desk.db.selectFrom('api_tokens').selectAll().execute()
    expect(JSON.stringify([listed.body, rows])).not.toContain(token.split('_')[2])
  })

  it('does what its scopes say in its own Organization, and nothing else', async () => {
    const { body: issue } = await desk.open('a')
    const reader = as((await makeToken(['issues:read'])).token)
    const writer = as((await makeToken(['issues:read', 'issues:write'])).token)
    const entry = { room: 'log', body: 'From a program.' }
    const path = `/api/issues/${issue.id}`
    const statuses = await Promise.all([
      desk.send('GET', path, undefined, reader),
      desk.send('POST', `${path}/entries`, entry, reader),
      desk.send('POST', `${path}/entries`, entry, writer),
      desk.send('GET', '/api/articles', undefined, writer),
      desk.send('POST', '/api/tokens', {}, writer),
      desk.send('GET', '/api/webhooks', undefined, writer),
      desk.send('PUT', `/api/issues/by-key/${issue.key}`, {}, writer),
      desk.send('GET', '/api/customer/issues', undefined, writer),
    ])
    expect(statuses.map(({ status }) => status)).toEqual([200, 403, 201, 403, 403, 403, 403, 403])
    const ofStranger = await desk.call(stranger, 'POST', '/api/tokens', {
      name: 'x',
      scopes: ['issues:read'],
      expiresInDays: 1,
    })
    expect((await desk.send('GET', path, undefined, as(String(ofStranger.body.token)))).status).toBe(404)
  })

  it('ends by itself, and when an admin ends it', async () => {
    const { token, id } = await makeToken(['issues:read'], 1)
    const get = () => desk.send('GET', '/api/issues', undefined, as(token))
    expect((await get()).status).toBe(200)
    desk.advance(dayMs - 1)
    expect((await get()).status).toBe(200)
    desk.advance(1)
    expect((await get()).status).toBe(401)
    const other = await makeToken(['issues:read'])
    expect((await desk.call({ ...paula, role: 'admin' }, 'DELETE', `/api/tokens/${other.id}`)).status).toBe(
      404,
    )
    expect((await desk.call(admin, 'DELETE', `/api/tokens/${other.id}`)).status).toBe(200)
    expect((await desk.send('GET', '/api/issues', undefined, as(other.token))).status).toBe(401)
    expect((await desk.call(admin, 'DELETE', `/api/tokens/${id}`)).status).toBe(200)
  })

  it('ends with its Organization', async () => {
    const { token } = await makeToken(['issues:read'])
    const get = () => desk.send('GET', '/api/issues', undefined, as(token))
    expect((await get()).status).toBe(200)
    const removed = { type: 'removed', value: { entity: 'organization', id: 'org-network' } }
    await desk.call('service', 'POST', '/api/directory/changes', {
      changes: [{ cursor: 999, entity: removed }],
    })
    expect((await get()).status).toBe(401)
  })

  it.each(['pxt_', 'pxt_0123456789abcdef_', `pxt_0123456789abcdef_${'A'.repeat(43)}`, 'pxt_%00_x'])(
    'is refused where it is none: %s',
    async (token) => {
      expect((await desk.send('GET', '/api/issues', undefined, as(token))).status).toBe(401)
    },
  )
})

describe('an Idempotency-Key', () => {
  const call = (key: string, body: object = { room: 'log', body: 'Once.' }, person = nils) =>
    desk.call(person, 'POST', '/api/issues/issue-1/entries', body, { 'idempotency-key': key })
  const said = async () =>
    ((await desk.call(nils, 'GET', '/api/issues/issue-1')).body.entries as unknown[]).length

  it('makes a repeat answer the same and change nothing', async () => {
    await desk.open('a')
    const first = await call('key-0001')
    const before = await said()
    const again = await call('key-0001')
    expect([again.status, again.body]).toEqual([first.status, first.body])
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(await said()).toBe(before)
  })

  it('is of one request and one person, and is forgotten after a day', async () => {
    await desk.open('a')
    await call('key-0001')
    expect((await call('key-0001', { room: 'log', body: 'Another.' })).body.code).toBe('idempotency-mismatch')
    const before = await said()
    await call('key-0001', { room: 'log', body: 'Another.' }, paula)
    expect(await said()).toBe(before + 1)
    desk.advance(dayMs)
    expect((await call('key-0001', { room: 'log', body: 'Another.' })).status).toBe(201)
    expect((await call('short')).status).toBe(400)
  })

  it('lets one of many at once through', async () => {
    await desk.open('a')
    const before = await said()
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('key-0002')))
    expect(await said()).toBe(before + 1)
    for (const { status } of answers) expect([201, 409]).toContain(status)
  })
})

describe('an entity tag', () => {
  it('saves the answer that the asker has, and a change asks for the newest', async () => {
    const { body: issue } = await desk.open('a')
    const path = `/api/issues/${issue.id}`
    const seen = await desk.call(nils, 'GET', path)
    const etag = String(seen.headers.etag)
    const same = await desk.call(nils, 'GET', path, undefined, { 'if-none-match': etag })
    expect([same.status, same.body]).toEqual([304, { text: '' }])
    expect((await desk.call(nils, 'PATCH', path, { name: 'A' }, { 'if-match': etag })).status).toBe(200)
    expect((await desk.call(nils, 'PATCH', path, { name: 'B' }, { 'if-match': etag })).status).toBe(412)
    expect((await desk.call(nils, 'GET', path, undefined, { 'if-none-match': etag })).status).toBe(200)
  })
})

describe('the API’s description', () => {
  it('is OpenAPI 3.1 with a body schema for every route that takes one', async () => {
    const { body } = await desk.send('GET', '/api/openapi.json', undefined, {})
    expect(body.openapi).toBe('3.1.0')
    expect(body.servers).toEqual([{ url: '/helpdesk' }])
    const paths = Object.entries(body.paths as Record<string, Record<string, { summary?: string }>>)
    expect(paths.length).toBeGreaterThan(30)
    for (const [path, operations] of paths)
      for (const [method, operation] of Object.entries(operations))
        expect([method, path, typeof operation.summary]).toEqual([method, path, 'string'])
  })
})

describe('the Knowledge Base', () => {
  const write = (sharing: unknown, title: string) =>
    desk.call(nils, 'POST', '/api/articles', { title, body: 'Press the *reset* button.', sharing })
  const titles = async (person: typeof nils, q = 'button') =>
    (
      (await desk.call(person, 'GET', `/api/articles?q=${encodeURIComponent(q)}`)).body.items as {
        title: string
      }[]
    )
      .map((item) => item.title)
      .sort()

  it('shows an article to those it is shared with', async () => {
    await write('own', 'Own')
    await write('everybody', 'Everybody')
    await write({ organizationIds: ['org-pos'] }, 'Named')
    expect(await titles(nils)).toEqual(['Everybody', 'Named', 'Own'])
    expect(await titles(paula)).toEqual(['Everybody', 'Named'])
    expect(await titles(stranger)).toEqual(['Everybody'])
  })

  it('finds words, beginnings and accents, and takes operators for words', async () => {
    await write('own', 'Café router: “hard reset”')
    expect(await titles(nils, 'cafe rou')).toHaveLength(1)
    expect(await titles(nils, 'RESET NOT "x" OR *')).toHaveLength(0)
    for (const typed of ['"', '*', '(', 'AND', 'title:x', '^', '-', 'a"b', '{}'])
      expect(await titles(nils, typed)).toBeInstanceOf(Array)
  })

  it('is changed by its Organization only, on the ground of the newest version, and found anew', async () => {
    const { body: article } = await write('everybody', 'Old words')
    const replace = (person: typeof nils, etag: string) =>
      desk.call(
        person,
        'PUT',
        `/api/articles/${article.id}`,
        { title: 'New words', body: 'Unplug it.', sharing: 'everybody' },
        { 'if-match': etag },
      )
    expect((await replace(paula, '"1"')).status).toBe(403)
    expect((await replace(nils, '"1"')).body.version).toBe(2)
    expect((await replace(nils, '"1"')).status).toBe(412)
    expect(await titles(nils, 'unplug')).toEqual(['New words'])
    expect(await titles(nils, 'button')).toEqual([])
  })

  it('pages', async () => {
    for (const title of ['a', 'b', 'c', 'd', 'e']) await write('own', title)
    const seen: string[] = []
    let cursor: unknown
    do {
      const query = cursor === undefined ? '' : `&cursor=${cursor}`
      const { body } = await desk.call(nils, 'GET', `/api/articles?q=button&limit=2${query}`)
      seen.push(...(body.items as { title: string }[]).map((item) => item.title))
      cursor = body.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(seen.sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})

describe('a list of Issues', () => {
  it('is searched by words of name, symptoms and diagnosis as they are now', async () => {
    const { body: issue } = await desk.open('a')
    const find = async (q: string) =>
      ((await desk.call(nils, 'GET', `/api/issues?q=${q}`)).body.items as unknown[]).length
    expect([await find('terminals'), await find('ICMP'), await find('fridge')]).toEqual([1, 1, 0])
    await desk.call(nils, 'PATCH', `/api/issues/${issue.id}`, { diagnosis: 'The fridge leaks.' })
    expect([await find('fridge'), await find('ICMP')]).toEqual([1, 0])
  })
})

describe('a file', () => {
  const bytes = { 'content-type': 'application/octet-stream' }
  const add = (size: number) =>
    desk.call(nils, 'POST', '/api/issues/issue-1/files?name=dump.bin', 'x'.repeat(size), bytes)

  it('is taken up to 10 MB and refused above', async () => {
    await desk.open('a')
    expect((await add(10 * 1024 * 1024)).status).toBe(201)
    expect((await add(10 * 1024 * 1024 + 1)).status).toBe(413)
    expect((await add(0)).status).toBeGreaterThanOrEqual(400)
    const json = await desk.call(nils, 'POST', '/api/issues/issue-1/files?name=a', { a: 1 })
    expect(json.status).toBe(415)
  })
})
