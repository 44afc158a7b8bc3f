import type { SignOnProvider } from '@proactive/shared/http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Browser, demoPeople, startWeb, type WebUnderTest } from '../../ingest/src/api/web-under-test.ts'
import { type OidcAccount, type OidcServer, startOidcServer } from './oidc-server.ts'

/** A browser of its own: keeps cookies by host and port, follows nothing by itself. */
function createVisitor() {
  const jars = new Map<string, Map<string, string>>()
  return async (url: string, options: { method?: string; form?: Record<string, string> } = {}) => {
    const { host } = new URL(url)
    const jar = jars.get(host) ?? new Map<string, string>()
    jars.set(host, jar)
    const response = await fetch(url, {
      method: options.method ?? 'GET',
      redirect: 'manual',
      signal: AbortSignal.timeout(5_000),
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(options.form === undefined ? {} : { body: new URLSearchParams(options.form) }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';')
      const [name = '', value = ''] = pair.split(/=(.*)/s)
      const isOver =
        value === '' || attributes.some((each) => /expires=Thu, 01 Jan 1970|max-age=0/i.test(each))
      if (isOver) jar.delete(name)
      else jar.set(name, value)
    }
    const location = response.headers.get('location')
    return {
      response,
      text: await response.text(),
      next: location === null ? '' : new URL(location, url).href,
    }
  }
}
type Visit = ReturnType<typeof createVisitor>

describe('log-in by OpenID Connect with a real provider', () => {
  let web: WebUnderTest
  let server: OidcServer
  let admin: Browser
  let origin = ''
  let provider: SignOnProvider
  const accounts = new Map<string, OidcAccount>([
    ['subject-paula', { email: 'POS-agent@tillwise.example', isEmailVerified: true }],
    ['subject-again', { email: demoPeople.posAgent, isEmailVerified: true }],
    ['subject-unsure', { email: demoPeople.posAgent, isEmailVerified: false }],
    ['subject-foreign', { email: demoPeople.networkAgent, isEmailVerified: true }],
    ['subject-nobody', { email: 'nobody@tillwise.example', isEmailVerified: true }],
  ])

  beforeAll(async () => {
    web = await startWeb({ nowMs: Date.now })
    origin = await web.app.listen({ host: '127.0.0.1', port: 0 })
    server = await startOidcServer({ redirectUris: [`${origin}/api/sign-on/callback`], accounts })
    await web.directory.people.putUser(
      {
        id: 'user-admin',
        organizationId: 'org-proactive-operations',
        teamIds: [],
        name: 'Ada',
        email: 'ada@operations.example',
        role: 'admin',
      },
      'a password to try',
    )
    admin = await web.browserOf('ada@operations.example', 'a password to try')
  })
  afterAll(async () => {
    await server.stop()
    await web.stop()
  })
  beforeEach(async () => {
    await web.database.db.deleteFrom('sign_on_providers').execute()
    provider = (await put('POST', '/api/sign-on/providers', body())).json()
  })

  const body = (change: object = {}) => ({
    name: 'Till Makers ID',
    issuer: server.issuer,
    clientId: server.clientId,
    clientSecret: server.clientSecret,
    organizationIds: ['org-tillwise'],
    ...change,
  })
  const put = (method: 'POST' | 'PUT', url: string, payload: object) =>
    admin.request({ method, url, payload })

  /** Goes to the provider, logs in there and agrees; resolves with where the provider sends the browser back to. */
  async function comeBack(visit: Visit, subject: string): Promise<string> {
    let at = (await visit(`${origin}/api/sign-on/${provider.id}/start`)).next
    for (let step = 0; step < 12 && !at.startsWith(`${origin}/`); step++) {
      const page = await visit(at)
      if (page.next !== '') {
        at = page.next
        continue
      }
      const action = /action="([^"]+)"/.exec(page.text)?.[1]
      const prompt = /name="prompt" value="([^"]+)"/.exec(page.text)?.[1]
      if (action === undefined || prompt === undefined)
        throw new Error(`the provider stopped at ${at}: ${page.text.slice(0, 300)}`)
      const sent = await visit(new URL(action, at).href, {
        method: 'POST',
        form: { prompt, login: subject, password: 'any' },
      })
      at = sent.next
    }
    return at
  }
  const whoIsIn = async (visit: Visit) => {
    const { response, text } = await visit(`${origin}/api/session`)
    return response.status === 200 ? JSON.parse(text).user : undefined
  }

  it('finds the User by verified e-mail, then by subject, and leaves role and Teams as they are', async () => {
    const visit = createVisitor()
    const back = await visit(await comeBack(visit, 'subject-paula'))
    expect(back.next).toBe(`${origin}/`)
    const before = (await web.browserOf(demoPeople.posAgent)).session.user
    expect(await whoIsIn(visit)).toEqual(before)
    // The address moves on; the person stays who they are.
    accounts.set('subject-paula', { email: 'other@elsewhere.example', isEmailVerified: false })
    const later = createVisitor()
    await later(await comeBack(later, 'subject-paula'))
    expect((await whoIsIn(later))?.email).toBe(demoPeople.posAgent)
    // Whoever gets that address next is somebody else.
    const other = createVisitor()
    expect((await other(await comeBack(other, 'subject-again'))).next).toBe(
      `${origin}/?sign-on=other-account`,
    )
    expect(await whoIsIn(other)).toBeUndefined()
  })

  it.each([
    ['subject-unsure', 'unverified'],
    ['subject-foreign', 'unknown'],
    ['subject-nobody', 'unknown'],
  ])('lets %s not in: %s', async (subject, why) => {
    const visit = createVisitor()
    expect((await visit(await comeBack(visit, subject))).next).toBe(`${origin}/?sign-on=${why}`)
    expect(await whoIsIn(visit)).toBeUndefined()
  })

  it('takes an answer once, from the browser that began, and only with the state it gave', async () => {
    const visit = createVisitor()
    const answer = await comeBack(visit, 'subject-again')
    const thief = createVisitor()
    const trail = async () =>
      (await web.database.db.selectFrom('audit_entries').select('id').execute()).length
    const before = await trail()
    expect((await thief(answer)).next).toBe(`${origin}/?sign-on=expired`)
    // Anybody can ask this as often as they like: nothing of it is kept.
    expect(await trail()).toBe(before)
    const forged = new URL(answer)
    forged.searchParams.set('state', 'another')
    expect((await visit(forged.href)).next).toBe(`${origin}/?sign-on=expired`)
    const late = createVisitor()
    const once = await comeBack(late, 'subject-again')
    expect((await late(once)).next).toBe(`${origin}/`)
    expect((await late(once)).next).toBe(`${origin}/?sign-on=expired`)
  })

  it('refuses a code that is not ours, and a token for another nonce', async () => {
    const visit = createVisitor()
    const answer = new URL(await comeBack(visit, 'subject-again'))
    answer.searchParams.set('code', 'made-up')
    expect((await visit(answer.href)).next).toBe(`${origin}/?sign-on=failed`)
    const other = createVisitor()
    const good = await comeBack(other, 'subject-again')
    await web.database.db.updateTable('sign_on_flows').set({ nonce: 'another' }).execute()
    expect((await other(good)).next).toBe(`${origin}/?sign-on=failed`)
    const third = createVisitor()
    const stolen = await comeBack(third, 'subject-again')
    await web.database.db
      .updateTable('sign_on_flows')
      .set({ verifier: 'x'.repeat(43) })
      .execute()
    expect((await third(stolen)).next).toBe(`${origin}/?sign-on=failed`)
  })

  it('says what a test found, keeps the secret to itself, and calls no address inside', async () => {
    const good = await put('POST', `/api/sign-on/providers/${provider.id}/test`, {})
    expect(good.json()).toMatchObject({ isGood: true })
    expect(good.json().checks.map(({ name }: { name: string }) => name)).toEqual([
      'Discovery',
      'Log-in by code',
      'PKCE',
      'E-mail',
      'Signing keys',
    ])
    const { items, redirectUri } = (await admin.request({ url: '/api/sign-on/providers' })).json()
    expect(JSON.stringify(items)).not.toContain(server.clientSecret)
    const rows = await web.database.db.selectFrom('sign_on_providers').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(server.clientSecret)
    expect(redirectUri).toMatch(/\/api\/sign-on\/callback$/)
    const inside = await put('POST', '/api/sign-on/providers', body({ issuer: 'http://169.254.169.254/' }))
    const bad = await put('POST', `/api/sign-on/providers/${inside.json().id}/test`, {})
    expect(bad.json()).toMatchObject({
      isGood: false,
      checks: [{ detail: expect.stringMatching(/Only https addresses|not on the public internet/) }],
    })
  })

  it('says that a secret nobody can read any more is to be entered anew, and works again with it', async () => {
    await web.database.db
      .updateTable('sign_on_providers')
      .set({ client_secret: 'A'.repeat(80) })
      .execute()
    expect((await admin.request({ url: '/api/sign-on/providers' })).statusCode).toBe(200)
    const test = await put('POST', `/api/sign-on/providers/${provider.id}/test`, {})
    expect(test.json()).toMatchObject({
      isGood: false,
      checks: [{ detail: expect.stringContaining('enter it anew') }],
    })
    const visit = createVisitor()
    expect((await visit(`${origin}/api/sign-on/${provider.id}/start`)).next).toBe(`${origin}/?sign-on=failed`)
    await put('PUT', `/api/sign-on/providers/${provider.id}`, body())
    expect((await visit(await comeBack(visit, 'subject-again'))).next).toBe(`${origin}/`)
  })

  it('offers what is switched on, keeps the secret over an edit, and forgets who was who with another client', async () => {
    const visit = createVisitor()
    await visit(await comeBack(visit, 'subject-again'))
    const { clientSecret: _, ...rest } = body({ isActive: true, name: 'Renamed' })
    await put('PUT', `/api/sign-on/providers/${provider.id}`, rest)
    const again = createVisitor()
    expect((await again(await comeBack(again, 'subject-again'))).next).toBe(`${origin}/`)
    await put('PUT', `/api/sign-on/providers/${provider.id}`, { ...rest, clientId: 'other', isActive: false })
    expect(await web.database.db.selectFrom('sign_on_subjects').selectAll().execute()).toEqual([])
    expect((await web.app.inject({ url: '/api/sign-on' })).json()).toEqual({ items: [] })
    const moved = { ...rest, issuer: 'https://elsewhere.example' }
    expect((await put('PUT', `/api/sign-on/providers/${provider.id}`, moved)).json().hasSecret).toBe(false)
    await put('PUT', `/api/sign-on/providers/${provider.id}`, { ...rest, isActive: false })
    expect((await web.app.inject({ url: `/api/sign-on/${provider.id}/start` })).statusCode).toBe(404)
  })
})
