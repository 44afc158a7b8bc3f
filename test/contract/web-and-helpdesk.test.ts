import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issueDetailSchema, issuePageSchema } from '@proactive/shared/http'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningHelpdesk, startHelpdesk } from '../../helpdesk/src/index.ts'
import { createActorTokens } from '../../ingest/src/api/index.ts'
import {
  dedupKeyOf,
  demoLocationId,
  demoPeople,
  startWeb,
  type WebUnderTest,
} from '../../ingest/src/api/web-under-test.ts'
import { createDirectoryFeed, type DirectoryFeed } from '../../ingest/src/directory/index.ts'

describe('ingest’s web with the real helpdesk behind it', () => {
  let web: WebUnderTest
  let helpdesk: RunningHelpdesk
  let feed: DirectoryFeed
  let dataDir: string
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'proactive-desk-'))
    const log = pino({ level: 'silent' })
    const tokens = createActorTokens({ dataDir, nowMs: Date.now })
    helpdesk = await startHelpdesk(
      {
        port: 0,
        databaseFile: join(dataDir, 'helpdesk.sqlite'),
        actorPublicKeyFile: tokens.publicKeyFile,
        logLevel: 'silent',
      },
      { log },
    )
    web = await startWeb({ helpdeskUrl: helpdesk.url, tokens })
    let isCaughtUp: () => void = () => undefined
    const caughtUp = new Promise<void>((resolve) => {
      isCaughtUp = resolve
    })
    feed = createDirectoryFeed({
      changes: web.directory.changes,
      journal: web.directory.journal,
      helpdeskUrl: helpdesk.url,
      token: () => tokens.sign('service'),
      onState: (state) => {
        if (state.isCaughtUp) isCaughtUp()
      },
    })
    feed.start()
    await caughtUp
    await openIssue(helpdesk.url, tokens.sign('service'))
  })
  afterEach(async () => {
    await feed.stop()
    await helpdesk.stop()
    await web.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  it('shows an Issue to its owner and lets them claim it; a collaborator sees it and cannot', async () => {
    const network = await web.browserOf(demoPeople.networkAgent)
    const page = issuePageSchema.parse(
      (await network.request({ url: '/helpdesk/api/issues?queue=unclaimed' })).json(),
    )
    const [issue] = page.items
    expect(issue).toMatchObject({
      ownerTeamName: 'Network Team',
      customerName: 'Cornerstone Café',
      status: 'Unclaimed',
    })

    const claimed = await network.request({ method: 'POST', url: `/helpdesk/api/issues/${issue?.id}/claim` })
    expect(claimed.statusCode).toBe(200)
    const detail = await network.request({ url: `/helpdesk/api/issues/${issue?.id}` })
    expect(issueDetailSchema.parse(detail.json()).status).toBe('Remote')

    const pos = await web.browserOf(demoPeople.posAgent)
    expect((await pos.request({ url: `/helpdesk/api/issues/${issue?.id}` })).statusCode).toBe(200)
    const late = await pos.request({ method: 'POST', url: `/helpdesk/api/issues/${issue?.id}/claim` })
    expect([403, 409]).toContain(late.statusCode)
  })

  it('signs for a Customer User, who sees the public room of the own Issues and nothing else', async () => {
    const network = await web.browserOf(demoPeople.networkAgent)
    const [issue] = issuePageSchema.parse(
      (await network.request({ url: '/helpdesk/api/issues' })).json(),
    ).items
    const say = (room: string, body: string) =>
      network.request({
        method: 'POST',
        url: `/helpdesk/api/issues/${issue?.id}/entries`,
        payload: { room, body },
      })
    for (const room of ['private', 'log']) await say(room, `said in ${room}`)
    const ask = async (customerId: string, path = `customer/issues/${issue?.id}`) => {
      const token = web.tokens.sign({ customerUserId: 'cu-1', name: 'Maria', customerId })
      const answer = await fetch(new URL(`/api/${path}`, helpdesk.url), {
        headers: { authorization: `Bearer ${token}` },
      })
      return { status: answer.status, text: await answer.text() }
    }
    // Nobody has spoken to the Customer yet: for them there is no Issue.
    expect((await ask('cust-cornerstone')).status).toBe(404)
    await say('public', 'We are looking at your router.')
    const seen = await ask('cust-cornerstone')
    expect(seen.text).toContain('We are looking at your router.')
    expect(seen.text).not.toMatch(/said in|diagnosis|silent/)
    expect((await ask('cust-other')).status).toBe(404)
    expect((await ask('cust-cornerstone', `issues/${issue?.id}`)).status).toBe(403)
  })

  it('lets a program in by its token, with its scopes, until its end', async () => {
    await web.directory.people.putUser(
      {
        id: 'user-network-admin',
        organizationId: 'org-northwind',
        teamIds: [],
        name: 'Ada',
        email: 'ada@northwind.example',
        role: 'admin',
      },
      'a password to try',
    )
    const admin = await web.browserOf('ada@northwind.example', 'a password to try')
    const made = await admin.request({
      method: 'POST',
      url: '/helpdesk/api/tokens',
      payload: { name: 'Reports', scopes: ['issues:read'], expiresInDays: 1 },
    })
    const { token, id } = made.json()
    const call = (url: string, method: 'GET' | 'POST' = 'GET') =>
      web.app.inject({
        method,
        url,
        headers: { authorization: `Bearer ${token}` },
        ...(method === 'POST' ? { payload: {} } : {}),
      })
    expect(issuePageSchema.parse((await call('/helpdesk/api/issues')).json()).items).toHaveLength(1)
    expect((await call('/helpdesk/api/issues/issue-1/claim', 'POST')).statusCode).toBe(403)
    expect((await call('/helpdesk/api/openapi.json')).json()).toMatchObject({ openapi: '3.1.0' })
    expect((await call('/api/locations')).statusCode).toBe(401)
    await admin.request({ method: 'DELETE', url: `/helpdesk/api/tokens/${id}` })
    expect((await call('/helpdesk/api/issues')).statusCode).toBe(401)
  })

  it('lets no browser act as ingest itself', async () => {
    const technician = await web.browserOf(demoPeople.technician)
    for (const [method, path] of [
      ['GET', 'directory/cursor'],
      ['POST', 'directory/changes'],
      ['GET', `issues/by-key/${dedupKeyOf(1)}`],
      ['GET', 'issues/changes'],
    ] as const) {
      const response = await technician.request({
        method,
        url: `/helpdesk/api/${path}`,
        ...(method === 'POST' ? { payload: { changes: [] } } : {}),
      })
      expect([path, response.statusCode]).toEqual([path, 403])
    }
  })
})

async function openIssue(url: string, token: string): Promise<void> {
  const response = await fetch(new URL(`/api/issues/by-key/${dedupKeyOf(1)}`, url), {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      locationId: demoLocationId,
      name: 'Router unreachable',
      ownerTeamId: 'team-network',
      collaboratorTeamIds: ['team-pos'],
      product: { kind: 'listed', productId: 'prod-router', name: 'Northwind Edge router' },
      severity: 'critical',
      categories: [],
      symptoms: 'Card payments fail.',
      diagnosis: 'The router is silent.',
      articleUrls: [],
      proactive: {
        faultClass: 'router-down',
        affectedDeviceIds: [],
        startedAtMs: 1,
        evidenceUrl: '/l/loc-cornerstone',
      },
    }),
  })
  expect(response.status, await response.text()).toBe(201)
}
