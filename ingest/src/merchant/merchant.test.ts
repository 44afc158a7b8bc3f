import type { DeskReport, DeskStanding } from '@proactive/shared/http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  dedupKeyOf,
  demoLocationId,
  demoPeople,
  startWeb,
  viewOf,
  type WebUnderTest,
} from '../api/web-under-test.ts'
import type { IncidentReport } from '../faults/model.ts'

const dayMs = 24 * 60 * 60 * 1_000

describe('the merchant’s page', () => {
  let web: WebUnderTest
  let reports: DeskReport[]
  let standing: DeskStanding
  let isDeskDown = false
  beforeEach(async () => {
    reports = []
    standing = { issues: [], messages: [] }
    isDeskDown = false
    web = await startWeb({
      merchantDesk: {
        report: async (report) => {
          if (isDeskDown) throw new Error('nobody there')
          reports.push(report)
          return { issueId: 'issue-1', isNew: true }
        },
        standing: async () => {
          if (isDeskDown) throw new Error('nobody there')
          return standing
        },
      },
    })
  })
  afterEach(() => web.stop())

  async function makeLink(): Promise<{ id: string; token: string }> {
    const agent = await web.browserOf(demoPeople.posAgent)
    const url = `/api/locations/${demoLocationId}/merchant-links`
    const made = await agent.request({ method: 'POST', url, payload: {} })
    expect(made.statusCode).toBe(201)
    return made.json()
  }
  const look = (token: string, remoteAddress = '203.0.113.7') =>
    web.app.inject({ url: '/api/merchant', remoteAddress, headers: { authorization: `Bearer ${token}` } })
  const say = (token: string, payload: object) =>
    web.app.inject({
      method: 'POST',
      url: '/api/merchant/reports',
      headers: { authorization: `Bearer ${token}` },
      payload,
    })

  it('opens with a link of 128 random bits that is stored as a hash only, for seven days', async () => {
    const { token } = await makeLink()
    expect(Buffer.from(token, 'base64url')).toHaveLength(16)
    const rows = await web.database.db.selectFrom('merchant_links').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(token)
    const page = await look(token)
    expect(page.json()).toMatchObject({ locationName: 'Cornerstone Café', canReport: true, reportsLeft: 5 })
    expect(page.headers['referrer-policy']).toBe('no-referrer')
    expect(page.headers['cache-control']).toBe('no-store')
    web.clock.nowMs += 7 * dayMs
    expect((await look(token)).json().code).toBe('link-over')
  })

  it('shows nothing once the link is revoked, or its Organization lost its stake', async () => {
    const [first, second] = [await makeLink(), await makeLink()]
    const agent = await web.browserOf(demoPeople.posAgent)
    const url = `/api/locations/${demoLocationId}/merchant-links`
    await agent.request({ method: 'DELETE', url: `${url}/${first.id}` })
    expect((await look(first.token)).statusCode).toBe(404)
    expect((await agent.request({ url })).json().items).toHaveLength(1)
    await web.directory.places.removeStake({
      locationId: demoLocationId,
      organizationId: 'org-tillwise',
      kind: 'pos',
    })
    expect((await look(second.token)).statusCode).toBe(404)
  })

  it('does not let another Organization see or revoke a link', async () => {
    const { id, token } = await makeLink()
    const other = await web.browserOf(demoPeople.technician)
    const url = `/api/locations/${demoLocationId}/merchant-links`
    expect((await other.request({ url })).json().items).toEqual([])
    await other.request({ method: 'DELETE', url: `${url}/${id}` })
    expect((await look(token)).statusCode).toBe(200)
  })

  it('tells the worst fault as a class, and who works on it since when', async () => {
    const { token } = await makeLink()
    await web.projections.projectView(viewOf(demoLocationId, { payability: 'not-payable' }))
    await putIncident(web, { key: dedupKeyOf(1), faultClass: 'device-down', severity: 'low' })
    await putIncident(web, { key: dedupKeyOf(2), faultClass: 'router-down', severity: 'critical' })
    const issue = { isOfLink: false, openedAtMs: 5, organizationName: 'Northwind', key: dedupKeyOf(2) }
    standing = { messages: [], issues: [{ ...issue, claimedAtMs: 9 }] }
    expect((await look(token)).json()).toMatchObject({
      payability: 'not-payable',
      fault: { faultClass: 'router-down', startedAtMs: 1_700_000_000_000 },
      help: { state: 'working', sinceMs: 9, organizationName: 'Northwind' },
    })
    standing = { messages: [], issues: [issue] }
    expect((await look(token)).json().help).toMatchObject({ state: 'told', sinceMs: 5 })
    // An Issue about something else that this link did not begin is nobody's business here.
    standing = { messages: [], issues: [{ ...issue, key: dedupKeyOf(3) }] }
    expect((await look(token)).json().help).toBeNull()
    isDeskDown = true
    expect((await look(token)).json()).toMatchObject({ help: null, payability: 'not-payable' })
  })

  it('passes on five messages an hour, and counts none that did not arrive', async () => {
    const { token } = await makeLink()
    isDeskDown = true
    expect((await say(token, { kind: 'works-again' })).statusCode).toBe(502)
    isDeskDown = false
    expect((await say(token, { kind: 'problem', text: ' ' })).statusCode).toBe(400)
    const sent = await Promise.all(
      Array.from({ length: 8 }, () => say(token, { kind: 'problem', text: '<b>No</b> line' })),
    )
    expect(sent.filter(({ statusCode }) => statusCode === 204)).toHaveLength(5)
    expect(sent.filter(({ statusCode }) => statusCode === 429)).toHaveLength(3)
    expect(reports).toHaveLength(5)
    expect(reports[0]).toMatchObject({
      organizationId: 'org-tillwise',
      locationId: demoLocationId,
      text: '<b>No</b> line',
    })
    web.clock.nowMs += dayMs / 24 + 1
    expect((await say(token, { kind: 'still-broken' })).statusCode).toBe(204)
  })

  it('takes what comes again after a time-out for what it is, and keeps it apart from other links', async () => {
    const [{ token }, other] = [await makeLink(), await makeLink()]
    const payload = { id: 'a-name-of-its-own-1', kind: 'problem', text: 'No line' }
    const both = await Promise.all([say(token, payload), say(token, payload)])
    both.push(await say(token, payload), await say(other.token, payload))
    expect(both.map(({ statusCode }) => statusCode)).toEqual([204, 204, 204, 204])
    // The desk drops what it has seen of an id; only here is it known whose it is.
    expect(new Set(reports.map(({ linkId, reportId }) => `${linkId} ${reportId}`)).size).toBe(2)
    expect(new Set(reports.map(({ reportId }) => reportId)).size).toBe(2)
    expect((await look(token)).json().reportsLeft).toBe(4)
    // What did not arrive is no report; said again under its name it is the same one.
    isDeskDown = true
    const later = { ...payload, id: 'a-name-of-its-own-2' }
    expect((await say(token, later)).statusCode).toBe(502)
    expect((await look(token)).json().reportsLeft).toBe(4)
    isDeskDown = false
    await say(token, later)
    await say(token, later)
    expect((await look(token)).json().reportsLeft).toBe(3)
    expect((await say(token, { ...payload, id: 'short' })).statusCode).toBe(400)
  })

  it('lets nobody guess: 20 tries from an address, then nothing is looked at', async () => {
    const { token } = await makeLink()
    const guess = (n: number) => look(`${'A'.repeat(20)}${String(n).padStart(2, '0')}`)
    for (let n = 0; n < 20; n++) expect((await guess(n)).statusCode).toBe(404)
    expect((await guess(20)).statusCode).toBe(429)
    expect((await look(token)).statusCode).toBe(429)
    expect((await look(token, '203.0.113.8')).statusCode).toBe(200)
  })
})

async function putIncident(web: WebUnderTest, change: Partial<IncidentReport>): Promise<void> {
  const report: IncidentReport = {
    key: dedupKeyOf(9),
    locationId: demoLocationId,
    faultClass: 'router-down',
    severity: 'critical',
    state: 'open',
    rootRole: 'router',
    headline: 'Router unreachable',
    symptoms: '',
    diagnosis: '',
    affectedDeviceIds: [],
    startedAtMs: 1_700_000_000_000,
    openedAtMs: 1_700_000_000_000,
    reasons: [],
    ...change,
  }
  await web.database.db.transaction().execute((trx) => web.projections.projectIncident(trx, report))
}
