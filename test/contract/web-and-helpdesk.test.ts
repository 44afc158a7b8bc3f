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
