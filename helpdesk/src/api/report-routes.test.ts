import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDesk, type Desk, nils, paula, routerIssue } from './desk-fixture.ts'

let desk: Desk
beforeEach(async () => {
  desk = await createDesk()
})
afterEach(() => desk.stop())

let count = 0
const nextId = () => {
  count += 1
  return `report-${count}`
}
const report = (change: object = {}) =>
  desk.call('service', 'POST', '/api/reports', {
    reportId: nextId(),
    linkId: 'mlink-1',
    locationId: 'loc-1',
    organizationId: 'org-pos',
    teamId: 'team-pos',
    kind: 'problem',
    text: 'The terminal says no line. <script>alert(1)</script>',
    name: 'The merchant',
    ...change,
  })
const standing = async (organizationId: string, linkId = 'mlink-1') =>
  (
    await desk.call(
      'service',
      'GET',
      `/api/reports/standing?locationId=loc-1&organizationId=${organizationId}&linkId=${linkId}`,
    )
  ).body

describe('the merchant’s page at the desk', () => {
  it('opens an Issue in the Team of whoever gave the link away, and goes on in it', async () => {
    const first = await report()
    expect(first.body).toMatchObject({ isNew: true })
    const second = await report({ kind: 'still-broken', text: '' })
    expect(second.body).toEqual({ issueId: first.body.issueId, isNew: false })
    const { body } = await desk.call(paula, 'GET', `/api/issues/${first.body.issueId}`)
    expect(body).toMatchObject({ status: 'Unclaimed', ownerTeamId: 'team-pos', source: 'web' })
    expect(body.response).toMatchObject({ limit: 'mail' })
    expect(JSON.stringify(body.entries)).toContain('<script>alert(1)</script>')
    const answer = { room: 'public', body: 'We are looking at it.' }
    await desk.call(paula, 'POST', `/api/issues/${first.body.issueId}/entries`, answer)
    const seen = await standing('org-pos')
    expect(seen.messages).toMatchObject([
      { fromUs: false },
      { fromUs: false },
      { fromUs: true, ...{ body: answer.body } },
    ])
    expect((await standing('org-pos', 'mlink-2')).messages).toEqual([])
  })

  it('speaks into the open proactive Issue that the Organization takes part in, and tells who works on it since when', async () => {
    const { body: issue } = await desk.open('a')
    expect((await standing('org-pos')).issues).toMatchObject([{ organizationName: 'network Organization' }])
    desk.advance(60_000)
    await desk.call(nils, 'POST', `/api/issues/${issue.id}/claim`)
    const claimedAtMs = desk.nowMs()
    desk.advance(60_000)
    expect((await report({ kind: 'works-again', text: '' })).body).toEqual({
      issueId: issue.id,
      isNew: false,
    })
    expect((await standing('org-pos')).issues).toMatchObject([{ claimedAtMs, isOfLink: true }])
  })

  it('shows nothing of Issues that the Organization takes no part in, nor of who works behind an OEM', async () => {
    await desk.open('a', { ...routerIssue, collaboratorTeamIds: [] })
    expect((await standing('org-pos')).issues).toEqual([])
    await desk.open('b', { ...routerIssue, mode: 'oem' })
    const { issues } = await standing('org-pos')
    expect(issues).toHaveLength(1)
    expect(JSON.stringify(issues)).not.toContain('network Organization')
  })

  it('opens nothing for good news, nothing twice for one report, and nothing without a stake', async () => {
    expect((await report({ kind: 'works-again', text: '' })).body).toEqual({ issueId: null, isNew: false })
    const once = await report({ reportId: 'same' })
    await report({ reportId: 'same' })
    const { body } = await desk.call(paula, 'GET', `/api/issues/${once.body.issueId}`)
    expect((body.entries as { room: string }[]).filter(({ room }) => room === 'public')).toHaveLength(1)
    // The Issue is over when the answer that got lost is asked for again: no second one opens.
    await desk.call(paula, 'POST', `/api/issues/${once.body.issueId}/claim`)
    const resolved = { resolution: 'Completed', text: '', survey: false }
    await desk.call(paula, 'POST', `/api/issues/${once.body.issueId}/resolve`, resolved)
    expect((await report({ reportId: 'same' })).body).toEqual({ ...once.body, isNew: false })
    expect((await report({ organizationId: 'org-other', teamId: 'team-other' })).status).toBe(409)
    expect((await desk.call(paula, 'POST', '/api/reports', {})).status).toBe(403)
  })
})
