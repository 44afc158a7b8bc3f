import { verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { actorClaimsSchema, maxFileBytes } from '@proactive/shared/http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demoPeople, startWeb, type WebUnderTest } from './web-under-test.ts'

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

describe('the helpdesk behind our log-in', () => {
  let helpdesk: Server
  let web: WebUnderTest
  let seen: Seen[]
  let answer: { status: number; body: string }
  beforeEach(async () => {
    seen = []
    answer = { status: 200, body: '{"items":[]}' }
    const respond = async (request: IncomingMessage, response: ServerResponse) => {
      let body = ''
      for await (const chunk of request) body += chunk
      seen.push({ method: request.method, url: request.url, headers: request.headers, body })
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        etag: '"7"',
        'content-disposition': 'attachment; filename="a.txt"',
        'set-cookie': 'evil=1',
      })
      response.end(answer.body)
    }
    helpdesk = createServer((request, response) => void respond(request, response))
    await new Promise<void>((resolve) => helpdesk.listen(0, '127.0.0.1', resolve))
    const { port } = helpdesk.address() as AddressInfo
    web = await startWeb({ helpdeskUrl: `http://127.0.0.1:${port}` })
  })
  afterEach(async () => {
    await web.stop()
    helpdesk.closeAllConnections()
    helpdesk.close()
  })

  it('gets a signed token of 60 s that says who asks, and none of the browser’s secrets', async () => {
    const browser = await web.browserOf(demoPeople.posAgent)
    const response = await browser.request({
      url: '/helpdesk/api/issues?queue=team',
      headers: {
        authorization: 'Bearer forged',
        'x-forwarded-for': '203.0.113.9',
        accept: 'application/json',
      },
    })
    expect(response.json()).toEqual({ items: [] })
    expect(response.headers).toMatchObject({ etag: '"7"' })
    expect(response.headers['set-cookie']).toBeUndefined()
    const [request] = seen
    expect(request).toMatchObject({ method: 'GET', url: '/api/issues?queue=team' })
    expect(Object.keys(request?.headers ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/cookie|csrf|forwarded/)]),
    )
    const [header, payload, signature] = (request?.headers.authorization ?? '')
      .replace('Bearer ', '')
      .split('.')
    const key = readFileSync(web.tokens.publicKeyFile, 'utf8')
    expect(
      verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature ?? '', 'base64url')),
    ).toBe(true)
    const claims = actorClaimsSchema.parse(JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()))
    expect(claims).toMatchObject({
      kind: 'user',
      sub: 'user-pos-agent',
      organizationId: 'org-tillwise',
      role: 'agent',
    })
    expect(claims.exp - claims.iat).toBe(60)
  })

  it('takes changes with their body, but only with the CSRF token', async () => {
    const browser = await web.browserOf(demoPeople.posAgent)
    const post = (headers: Record<string, string>) =>
      browser.request({
        method: 'POST',
        url: '/helpdesk/api/issues/i-1/entries',
        payload: { room: 'log', body: 'é' },
        headers,
      })
    expect((await post({ 'x-csrf-token': 'wrong' })).json()).toMatchObject({ code: 'csrf' })
    expect(seen).toHaveLength(0)
    answer = { status: 409, body: '{"code":"already-claimed"}' }
    expect((await post({ 'idempotency-key': 'note-12345' })).statusCode).toBe(409)
    expect(seen[0]).toMatchObject({
      method: 'POST',
      body: '{"room":"log","body":"é"}',
      // The helpdesk tells a repeat by it.
      headers: { 'idempotency-key': 'note-12345' },
    })
  })

  it('takes a file of 10 MB as bytes, not one more, and passes files out as attachments', async () => {
    const browser = await web.browserOf(demoPeople.posAgent)
    const send = (bytes: number) =>
      browser.request({
        method: 'POST',
        url: '/helpdesk/api/issues/i-1/files?name=a.txt',
        payload: Buffer.alloc(bytes, 'x'),
        headers: { 'content-type': 'application/octet-stream' },
      })
    const taken = await send(maxFileBytes)
    expect(taken.statusCode).toBe(200)
    expect(taken.headers['content-disposition']).toBe('attachment; filename="a.txt"')
    expect(seen[0]?.body).toHaveLength(maxFileBytes)
    expect((await send(maxFileBytes + 1)).statusCode).toBe(413)
    expect(seen).toHaveLength(1)
  })

  describe('for a program with a token of its own', () => {
    const token = `Bearer pxt_0123456789abcdef_${'A'.repeat(43)}`
    const call = (
      headers: Record<string, string>,
      method: 'GET' | 'POST' = 'GET',
      url = '/helpdesk/api/issues',
    ) =>
      web.app.inject({
        method,
        url,
        headers,
        ...(method === 'POST' ? { payload: { room: 'log', body: 'x' } } : {}),
      })

    it('passes the token on, without session, cookie or CSRF token', async () => {
      const browser = await web.browserOf(demoPeople.posAgent)
      expect((await call({ authorization: token })).statusCode).toBe(200)
      const posted = await call(
        { ...browser.headers, 'x-csrf-token': '', authorization: token, 'idempotency-key': 'one-of-many' },
        'POST',
        '/helpdesk/api/issues/i-1/entries',
      )
      expect(posted.statusCode).toBe(200)
      expect(seen.map(({ headers }) => headers.authorization)).toEqual([token, token])
      expect(seen[1]?.headers).toMatchObject({ 'idempotency-key': 'one-of-many' })
      expect(seen[1]?.headers.cookie).toBeUndefined()
    })

    it('tells the program that the helpdesk does not know it', async () => {
      answer = { status: 401, body: '{"code":"unauthorized"}' }
      const response = await call({ authorization: token })
      expect([response.statusCode, response.json()]).toEqual([401, { code: 'unauthorized' }])
    })

    it.each(['Bearer pxt_', `${token}x`, 'Bearer pxt_0123456789abcdef_%00', 'Bearer forged'])(
      'asks the helpdesk nothing for %s',
      async (authorization) => {
        expect((await call({ authorization })).statusCode).toBe(401)
        expect(seen).toHaveLength(0)
      },
    )

    it('opens nothing else of ours', async () => {
      for (const { method, url, rule } of web.routes)
        if (rule !== 'public' && rule.programs !== true && method !== 'HEAD')
          expect([
            url,
            (
              await web.app.inject({
                method,
                url: url.replaceAll(/:\w+/g, 'x'),
                headers: { authorization: token },
              })
            ).statusCode,
          ]).toEqual([url, 401])
    })
  })

  it('is reached on its API only', async () => {
    const browser = await web.browserOf(demoPeople.posAgent)
    for (const path of [
      '../metrics',
      '..%2fmetrics',
      '%2e%2e/metrics',
      'a/../../metrics',
      '/metrics',
      'a//b',
      'a%00b',
    ])
      expect([path, (await browser.request({ url: `/helpdesk/api/${path}` })).statusCode]).toEqual([
        path,
        404,
      ])
    expect(seen).toHaveLength(0)
  })

  it('does not pass on that our token was refused as if the person had to log in', async () => {
    answer = { status: 401, body: '{"code":"unauthorized"}' }
    const browser = await web.browserOf(demoPeople.posAgent)
    const response = await browser.request({ url: '/helpdesk/api/issues' })
    expect(response.json()).toMatchObject({ status: 502, code: 'helpdesk-refused' })
  })

  it('says in one sentence when it is away', async () => {
    helpdesk.closeAllConnections()
    await new Promise((resolve) => helpdesk.close(resolve))
    const browser = await web.browserOf(demoPeople.posAgent)
    const response = await browser.request({ url: '/helpdesk/api/issues' })
    expect(response.json()).toMatchObject({ status: 502, code: 'helpdesk-unavailable' })
  })
})
