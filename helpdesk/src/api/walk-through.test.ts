import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runbooksFolder, seedRunbooks } from '../articles/runbooks.ts'
import {
  type Answer,
  type Customer,
  createDesk,
  type Desk,
  nils,
  nora,
  type Person,
  paula,
  routerIssue,
} from './desk-fixture.ts'

let desk: Desk
beforeEach(async () => {
  desk = await createDesk()
  await seedRunbooks(desk.db, runbooksFolder, desk.nowMs())
})
afterEach(() => desk.stop())

const merchant: Customer = { id: 'cu-merchant', customerId: 'cust-1' }
const post = (actor: Person | Customer, path: string, body?: unknown) => desk.call(actor, 'POST', path, body)
const queue = async (actor: Person, name: string) => {
  const { body } = await desk.call(actor, 'GET', `/api/issues?queue=${name}`)
  return (body.items as { id: string }[]).map((item) => item.id)
}
const texts = ({ body }: Answer) => (body.entries as { body: string }[]).map((entry) => entry.body)

describe('the agent’s half of the SMS walk-through, step by step', () => {
  it('goes from the Unclaimed queue to a resolved Issue without a survey', async () => {
    const made = await post(paula, '/api/issues', {
      locationId: 'loc-1',
      name: 'Help',
      source: 'sms',
      ownerTeamId: 'team-pos',
      symptoms: 'Terminal says no line.',
      customerUser: { phone: '+15550100' },
    })
    expect(made.status).toBe(201)
    const path = `/api/issues/${made.body.id}`
    // 1, 2: the Unclaimed queue and its Case Card.
    expect(await queue(paula, 'unclaimed')).toContain(made.body.id)
    expect(made.body).toMatchObject({
      source: 'sms',
      ownerTeamName: 'pos Team',
      customerUser: { phone: '+15550100' },
      customerNumber: 'C-1001',
    })
    // 3: claim, from Unclaimed to Mine. 4: in the list. 6: Owner User and Remote.
    await post(paula, `${path}/claim`)
    expect(await queue(paula, 'unclaimed')).not.toContain(made.body.id)
    expect(await queue(paula, 'mine')).toContain(made.body.id)
    const opened = await desk.call(paula, 'GET', path)
    expect(opened.body).toMatchObject({ ownerUserId: 'paula', status: 'Remote' })
    // 7–9: public, private, log.
    await post(paula, `${path}/entries`, { room: 'public', body: 'Hello, we are looking at it.' })
    await post(paula, `${path}/entries`, { room: 'private', body: 'Looks like the router.' })
    await post(paula, `${path}/entries`, { room: 'log', body: 'Called the shop.' })
    // As a Customer User: the public message, and nothing else.
    const seen = await desk.call(merchant, 'GET', `/api/customer/issues/${made.body.id}`)
    expect(texts(seen)).toEqual(['Hello, we are looking at it.'])
    expect(JSON.stringify(seen.body)).not.toMatch(/router|Called the shop|diagnosis/)
    await post(merchant, `/api/customer/issues/${made.body.id}/entries`, { body: 'Thank you!' })
    expect(texts(await desk.call(paula, 'GET', path))).toContain('Thank you!')
    // Issue Edit: name, categories, product of the dropdown, texts, Save.
    const products = await desk.call(paula, 'GET', `${path}/products`)
    expect((products.body.items as { name: string }[]).map((item) => item.name)).toEqual([
      'Edge router',
      'Verifone Vx520',
    ])
    const edited = await desk.call(paula, 'PATCH', path, {
      name: 'Vx520 shows no line',
      categories: ['Point of sale', 'Network'],
      product: { kind: 'listed', productId: 'prod-vx520', name: 'whatever' },
      symptoms: 'No line on the display.',
      diagnosis: 'Router unreachable.',
      resolutionText: 'To come.',
    })
    expect(edited.body).toMatchObject({
      name: 'Vx520 shows no line',
      categories: ['Point of sale', 'Network'],
      product: { kind: 'listed', productId: 'prod-vx520', name: 'Verifone Vx520' },
    })
    const notListed = { product: { kind: 'not-listed', name: 'an old modem' } }
    expect((await desk.call(paula, 'PATCH', path, notListed)).body.product).toMatchObject(notListed.product)
    const foreign = { product: { kind: 'listed', productId: 'prod-elsewhere', name: 'x' } }
    expect((await desk.call(paula, 'PATCH', path, foreign)).body.code).toBe('not-at-location')
    // Search Articles, open one, Add to Issue & Copy URL.
    const found = await desk.call(paula, 'GET', '/api/articles?q=router%20is%20down')
    const [article] = found.body.items as { id: string }[]
    expect(article?.id).toBe('runbook-router-down')
    const read = await desk.call(paula, 'GET', `/api/articles/${article?.id}`)
    expect((read.body.checklist as string[])[0]).toContain('lamps')
    const added = await post(paula, `${path}/articles`, { articleId: article?.id })
    expect(added.body.url).toBe('/articles/runbook-router-down')
    expect(added.body.issue).toMatchObject({ articleUrls: ['/articles/runbook-router-down'] })
    // Files.
    const bytes = { 'content-type': 'application/octet-stream' }
    const file = await desk.call(
      paula,
      'POST',
      `${path}/files?name=..%2Fphoto%22.html`,
      '<script>1</script>',
      bytes,
    )
    expect(file.body).toMatchObject({ name: 'photo_.html', bytes: 18 })
    const download = await desk.call(paula, 'GET', `${path}/files/${file.body.id}`)
    expect(download.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': expect.stringContaining('attachment; filename="photo_.html"'),
      'x-content-type-options': 'nosniff',
    })
    // Escalate and de-escalate; assignments; collaborators.
    const escalated = await post(paula, `${path}/escalate`, {
      teamId: 'team-network',
      note: 'Router is silent.',
    })
    expect(escalated.body).toMatchObject({ ownerTeamId: 'team-network', status: 'Unclaimed' })
    expect((await post(nils, `${path}/claim`)).status).toBe(200)
    const back = await post(nils, `${path}/de-escalate`, { note: 'Router is back.' })
    expect(back.body).toMatchObject({ ownerTeamId: 'team-pos', ownerUserId: 'paula', status: 'Remote' })
    const reassigned = await post(paula, `${path}/assign`, { teamId: 'team-pos-2', userId: 'paula' })
    expect(reassigned.body).toMatchObject({ ownerTeamId: 'team-pos-2', line: 2, ownerUserId: 'paula' })
    const people = await desk.call(paula, 'GET', `${path}/people`)
    expect((people.body.items as { id: string }[]).map(({ id }) => id)).toEqual(['nils', 'nora', 'paula'])
    const collaborators = { teamIds: [], userIds: ['nora'] }
    expect((await desk.call(paula, 'PUT', `${path}/collaborators`, collaborators)).body).toMatchObject({
      collaboratorUserIds: ['nora'],
    })
    expect((await desk.call(nora, 'GET', path)).status).toBe(200)
    // Resolve as Completed, survey off.
    const resolved = await post(paula, `${path}/resolve`, {
      resolution: 'Completed',
      text: 'Restarted the router.',
      survey: false,
    })
    expect(resolved.body).toMatchObject({ status: 'Resolved', resolution: 'Completed', survey: false })
    const seenAtLast = await desk.call(merchant, 'GET', '/api/customer/issues')
    expect(seenAtLast.body.items).toMatchObject([{ status: 'Resolved' }])
    const history = await desk.call(paula, 'GET', `${path}/history`)
    expect((history.body.passes as { kind: string }[]).map((pass) => pass.kind)).toEqual([
      'escalate',
      'de-escalate',
    ])
    expect((history.body.audit as { action: string }[]).map((line) => line.action)).toEqual(
      [
        'create',
        'claim',
        'entry',
        'entry',
        'entry',
        'customer-entry',
        'edit',
        'edit',
        'article',
        'file',
      ].concat(['escalate', 'claim', 'de-escalate', 'assign', 'collaborators', 'resolve']),
    )
  })
})

describe('the ecosystem story: the POS provider is called, the router is at fault', () => {
  it('shows the POS agent at once whose Issue it is, and nobody explains twice', async () => {
    // The detector found the router dead; the Network Team owns the Issue, the POS Team stands beside it.
    const { body: issue } = await desk.open('a', {
      ...routerIssue,
      articleUrls: ['/docs/runbooks/router-down.md'],
    })
    // The merchant calls the POS provider.
    const { body: list } = await desk.call(paula, 'GET', '/api/issues?location=loc-1&q=router')
    expect(list.items).toMatchObject([{ id: issue.id, ownerTeamName: 'network Team', status: 'Unclaimed' }])
    const seen = await desk.call(paula, 'GET', `/api/issues/${issue.id}`)
    expect(seen.body.diagnosis).toContain('neither ARP nor ICMP')
    // Basic troubleshooting of a device that the POS agent does not support, by the shared article.
    const { body: articles } = await desk.call(paula, 'GET', '/api/articles?faultClass=router-down')
    expect(articles.items).toMatchObject([{ id: 'runbook-router-down', sharing: 'everybody' }])
    await post(paula, `/api/issues/${issue.id}/entries`, {
      room: 'private',
      body: 'The merchant called us: lamps are dark, power strip checked.',
    })
    // The Network agent has everything without a word being repeated.
    await post(nils, `/api/issues/${issue.id}/claim`)
    const told = texts(await desk.call(nils, 'GET', `/api/issues/${issue.id}`))
    expect(told.join('\n')).toContain('lamps are dark')
    // Not the router after all: escalated with full history, the same Issue.
    const moved = await post(nils, `/api/issues/${issue.id}/escalate`, {
      teamId: 'team-pos',
      note: 'The terminal holds a wrong address.',
    })
    expect(moved.body).toMatchObject({ id: issue.id, ownerTeamId: 'team-pos' })
    expect(moved.body.collaboratorTeamIds).toContain('team-network')
    expect(texts(await desk.call(paula, 'GET', `/api/issues/${issue.id}`)).length).toBeGreaterThan(
      told.length,
    )
    expect((await desk.call(paula, 'GET', '/api/issues')).body.items).toHaveLength(1)
  })
})

describe('first and second line', () => {
  it('hands over with a note and gets it back at the same person', async () => {
    const { body: issue } = await desk.open('a')
    const path = `/api/issues/${issue.id}`
    await post(nils, `${path}/claim`)
    expect((await post(nils, `${path}/hand-over`, { teamId: 'team-network-2' })).status).toBe(400)
    const over = await post(nils, `${path}/hand-over`, { teamId: 'team-network-2', note: 'Firmware?' })
    expect(over.body).toMatchObject({ ownerTeamId: 'team-network-2', line: 2, status: 'Unclaimed' })
    await post(nora, `${path}/claim`)
    const back = await post(nora, `${path}/hand-back`, { note: 'Fixed, please answer.' })
    expect(back.body).toMatchObject({ ownerTeamId: 'team-network', ownerUserId: 'nils', status: 'Remote' })
    const again = await post(nils, `${path}/hand-back`, { note: 'x' })
    expect(again.body.code).toBe('nothing-to-give-back')
  })

  it('refuses Teams of other Organizations, and escalation to those without a stake', async () => {
    const { body: issue } = await desk.open('a')
    const path = `/api/issues/${issue.id}`
    const refusals = await Promise.all([
      post(nils, `${path}/hand-over`, { teamId: 'team-pos', note: 'x' }),
      post(nils, `${path}/escalate`, { teamId: 'team-network-2', note: 'x' }),
      post(nils, `${path}/escalate`, { teamId: 'team-other', note: 'x' }),
      desk.call(nils, 'PUT', `${path}/collaborators`, { teamIds: ['team-other'] }),
    ])
    expect(refusals.map(({ status, body }) => [status, body.code])).toEqual([
      [409, 'unknown-team'],
      [409, 'own-organization'],
      [409, 'no-stake'],
      [409, 'no-stake'],
    ])
  })

  it('asks a critical escalation for its business impact and case number', async () => {
    const { body: issue } = await desk.open('a', { ...routerIssue, severity: 'high' })
    const path = `/api/issues/${issue.id}/escalate`
    const bare = { teamId: 'team-pos', note: 'x', isCritical: true }
    expect((await post(nils, path, bare)).status).toBe(400)
    const full = { ...bare, businessImpact: 'No sales at all.', partnerCaseNumber: 'TW-77' }
    const escalated = await post(nils, path, full)
    expect(escalated.body).toMatchObject({
      severity: 'critical',
      response: { limit: 'critical', respondByMs: desk.nowMs() + 2 * 3_600_000 },
    })
  })
})

describe('the audit trail', () => {
  it('is append-only, for programs of ours as well', async () => {
    await desk.open('a')
    await expect(desk.db.updateTable('audit').set({ by_name: 'nobody' }).execute()).rejects.toThrow(
      /append-only/,
    )
    await expect(desk.db.deleteFrom('audit').execute()).rejects.toThrow(/append-only/)
  })
})
