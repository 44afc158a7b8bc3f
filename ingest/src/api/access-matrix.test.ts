import { userRoles, type UserRole } from '@proactive/shared/http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WebRoute } from './context.ts'
import {
  type Browser,
  dedupKeyOf,
  demoLocationId,
  startWeb,
  viewOf,
  type WebUnderTest,
} from './web-under-test.ts'

/** Every Organization of the demo has a stake; this one has none. */
const stranger = 'org-stranger'
const operator = 'org-proactive-operations'
const organizations = [operator, 'org-tillwise', stranger]

/** What each route lets through, written down by hand so that a slip in the route's own rule is seen. Roles: `-` nobody needed. */
const expected = new Map<string, { least: UserRole | '-'; scope: 'all' | 'stake' | 'keeper' | 'operator' }>([
  ['GET /healthz', { least: '-', scope: 'all' }],
  ['GET /readyz', { least: '-', scope: 'all' }],
  ['GET /metrics', { least: '-', scope: 'all' }],
  ['GET /api/openapi.json', { least: '-', scope: 'all' }],
  ['POST /api/session', { least: '-', scope: 'all' }],
  ['GET /api/session', { least: 'viewer', scope: 'all' }],
  ['DELETE /api/session', { least: 'viewer', scope: 'all' }],
  ['GET /api/setup', { least: '-', scope: 'all' }],
  ['POST /api/setup', { least: '-', scope: 'all' }],
  ['GET /api/locations', { least: 'viewer', scope: 'all' }],
  ['GET /api/locations/:id', { least: 'viewer', scope: 'stake' }],
  ['GET /api/locations/:id/series', { least: 'viewer', scope: 'stake' }],
  ['GET /api/locations/:id/changes', { least: 'viewer', scope: 'stake' }],
  ['GET /api/locations/:id/usual', { least: 'viewer', scope: 'stake' }],
  ['GET /api/locations/:id/devices/:deviceId/identity', { least: 'viewer', scope: 'stake' }],
  ['GET /api/locations/:id/devices/:deviceId/interfaces', { least: 'viewer', scope: 'stake' }],
  ['GET /api/incidents/:key', { least: 'viewer', scope: 'all' }],
  ['GET /api/locations/:id/products', { least: 'viewer', scope: 'stake' }],
  ['PUT /api/locations/:id/devices/:deviceId', { least: 'technician', scope: 'stake' }],
  ['POST /api/locations/:id/claims', { least: 'technician', scope: 'stake' }],
  ['GET /api/appliances', { least: 'viewer', scope: 'all' }],
  ['GET /api/appliances/:id/config', { least: 'technician', scope: 'stake' }],
  ['PUT /api/appliances/:id/snmp', { least: 'admin', scope: 'keeper' }],
  ['DELETE /api/appliances/:id/snmp', { least: 'admin', scope: 'keeper' }],
  ['GET /api/audit', { least: 'admin', scope: 'operator' }],
  ['POST /api/appliances/:id/commands', { least: 'technician', scope: 'stake' }],
  ['POST /api/appliances/:id/revoke', { least: 'technician', scope: 'stake' }],
  ['GET /api/password', { least: '-', scope: 'all' }],
  ['POST /api/password', { least: '-', scope: 'all' }],
  ['POST /api/users/:userId/password-link', { least: 'admin', scope: 'all' }],
  ['PUT /api/session/password', { least: 'viewer', scope: 'all' }],
  ['PUT /api/locations/:id', { least: 'admin', scope: 'operator' }],
  ['POST /api/locations', { least: 'admin', scope: 'operator' }],
  ['POST /api/customers', { least: 'admin', scope: 'operator' }],
  ['POST /api/locations/:id/products', { least: 'admin', scope: 'operator' }],
  ['POST /api/locations/:id/rules', { least: 'admin', scope: 'operator' }],
  ['DELETE /api/locations/:id/rules/:ruleId', { least: 'admin', scope: 'operator' }],
  ['GET /api/locations/:id/stakes', { least: 'viewer', scope: 'stake' }],
  ['POST /api/locations/:id/stakes', { least: 'admin', scope: 'operator' }],
  ['DELETE /api/locations/:id/stakes', { least: 'admin', scope: 'operator' }],
  ['GET /api/locations/:id/agent-config', { least: 'technician', scope: 'stake' }],
  ['PUT /api/locations/:id/agent-config', { least: 'technician', scope: 'stake' }],
  ['GET /api/locations/:id/helpdesk', { least: 'viewer', scope: 'stake' }],
  ['GET /api/helpdesk', { least: 'admin', scope: 'operator' }],
  ['POST /api/helpdesk/test', { least: 'admin', scope: 'operator' }],
  ['GET /api/helpdesk/dead-letters', { least: 'admin', scope: 'operator' }],
  ['POST /api/helpdesk/dead-letters/:key/revive', { least: 'admin', scope: 'operator' }],
  ['GET /api/locations/:id/hours', { least: 'viewer', scope: 'stake' }],
  ['PUT /api/locations/:id/hours', { least: 'technician', scope: 'stake' }],
  ['GET /api/locations/:id/maintenance', { least: 'viewer', scope: 'stake' }],
  ['POST /api/locations/:id/maintenance', { least: 'technician', scope: 'stake' }],
  ['POST /api/locations/:id/maintenance/:windowId/end', { least: 'technician', scope: 'stake' }],
  ['GET /api/locations/:id/silences', { least: 'viewer', scope: 'stake' }],
  ['POST /api/locations/:id/silences', { least: 'technician', scope: 'stake' }],
  ['POST /api/locations/:id/silences/:silenceId/end', { least: 'technician', scope: 'stake' }],
  ['GET /api/organizations', { least: 'viewer', scope: 'all' }],
  ['POST /api/organizations', { least: 'admin', scope: 'operator' }],
  ['GET /api/teams', { least: 'viewer', scope: 'all' }],
  ['POST /api/teams', { least: 'admin', scope: 'all' }],
  ['GET /api/users', { least: 'admin', scope: 'all' }],
  ['POST /api/users', { least: 'admin', scope: 'all' }],
  ['DELETE /api/users/:userId', { least: 'admin', scope: 'all' }],
  ['GET /api/locations/:id/merchant-links', { least: 'agent', scope: 'stake' }],
  ['POST /api/locations/:id/merchant-links', { least: 'agent', scope: 'stake' }],
  ['DELETE /api/locations/:id/merchant-links/:linkId', { least: 'agent', scope: 'stake' }],
  ['GET /api/merchant', { least: '-', scope: 'all' }],
  ['POST /api/merchant/reports', { least: '-', scope: 'all' }],
  ['GET /api/sign-on', { least: '-', scope: 'all' }],
  ['GET /api/sign-on/:providerId/start', { least: '-', scope: 'all' }],
  ['GET /api/sign-on/callback', { least: '-', scope: 'all' }],
  ['GET /api/sign-on/providers', { least: 'admin', scope: 'operator' }],
  ['POST /api/sign-on/providers', { least: 'admin', scope: 'operator' }],
  ['PUT /api/sign-on/providers/:providerId', { least: 'admin', scope: 'operator' }],
  ['DELETE /api/sign-on/providers/:providerId', { least: 'admin', scope: 'operator' }],
  ['POST /api/sign-on/providers/:providerId/test', { least: 'admin', scope: 'operator' }],
  ['GET /api/channels', { least: 'admin', scope: 'all' }],
  ['POST /api/channels', { least: 'admin', scope: 'all' }],
  ['PUT /api/channels/:channelId', { least: 'admin', scope: 'all' }],
  ['DELETE /api/channels/:channelId', { least: 'admin', scope: 'all' }],
  ['POST /api/channels/:channelId/test', { least: 'admin', scope: 'all' }],
  ['GET /api/channels/:channelId/deliveries', { least: 'admin', scope: 'all' }],
  ['POST /api/channels/:channelId/deliveries/:deliveryId/replay', { least: 'admin', scope: 'all' }],
  ['PUT /api/users/:userId', { least: 'admin', scope: 'all' }],
  ['GET /api/locations/:id/record', { least: 'admin', scope: 'operator' }],
  ['GET /api/locations/:id/notes', { least: 'viewer', scope: 'stake' }],
  ['POST /api/locations/:id/notes', { least: 'agent', scope: 'stake' }],
  ['DELETE /api/locations/:id/notes/:noteId', { least: 'agent', scope: 'stake' }],
  ['GET /api/fault-rules', { least: 'technician', scope: 'all' }],
  ['POST /api/fault-rules/:faultClass/trust', { least: 'admin', scope: 'operator' }],
  ['POST /api/locations/:id/incidents/:key/verdict', { least: 'agent', scope: 'stake' }],
  ['GET /api/events', { least: 'viewer', scope: 'all' }],
  ['GET /helpdesk/api/*', { least: 'viewer', scope: 'all' }],
  ['POST /helpdesk/api/*', { least: 'viewer', scope: 'all' }],
  ['PUT /helpdesk/api/*', { least: 'viewer', scope: 'all' }],
  ['PATCH /helpdesk/api/*', { least: 'viewer', scope: 'all' }],
  ['DELETE /helpdesk/api/*', { least: 'viewer', scope: 'all' }],
  ['GET /*', { least: '-', scope: 'all' }],
])

const query: Partial<Record<string, string>> = {
  '/api/locations/:id/series': '?family=device&subject=dev-pos-1&field=rttP50Ms&fromMs=0&toMs=1000',
  // Answered with 404 for everybody who may enter, instead of a stream that never ends.
  '/api/events': '?location=loc-nowhere',
}
const payloads: Partial<Record<string, object>> = {
  '/api/appliances/:id/commands': { request: { action: 'rescan' } },
  '/api/locations/:id/devices/:deviceId': { isSleeper: false },
  '/api/appliances/:id/snmp': { kind: 'community', community: 'shop-floor' },
}

/** What must exist for a route to have something to find. */
const made = { windowId: '', silenceId: '' }

describe('every route × role × Organization', () => {
  let web: WebUnderTest
  let routes: readonly WebRoute[]
  const browsers = new Map<string, Browser>()

  beforeAll(async () => {
    web = await startWeb()
    routes = web.routes.filter(({ method }) => method !== 'HEAD')
    await web.directory.people.putOrganization({ id: stranger, name: 'Stranger Ltd' })
    await web.projections.projectView(viewOf(demoLocationId))
    await web.directory.appliances.register({
      applianceId: 'box-1',
      locationId: demoLocationId,
      certificateNotAfterMs: 1_800_000_000_000,
    })
    const schedule = { kind: 'cron', expression: '0 3 * * *', lastsMinutes: 60 } as const
    const { plannedWork } = web.directory
    made.windowId = (await plannedWork.plan(demoLocationId, { schedule, note: '' }, 'user-any')).id
    const untilMs = web.clock.nowMs + 60_000
    made.silenceId = (await plannedWork.silence(demoLocationId, { untilMs, note: '' }, 'user-any')).id
    for (const organizationId of organizations)
      for (const role of userRoles) {
        const email = `${role}@${organizationId}.example`
        const user = {
          id: `user-${role}-${organizationId}`,
          organizationId,
          teamIds: [],
          name: role,
          email,
          role,
        }
        await web.directory.people.putUser(user, 'a password to try')
        browsers.set(`${role} of ${organizationId}`, await web.browserOf(email, 'a password to try'))
      }
  })
  afterAll(() => web.stop())

  it('knows every route there is', () => {
    const known = routes.map(({ method, url }) => `${method} ${url}`)
    expect(new Set(known)).toEqual(new Set(expected.keys()))
  })

  it('lets nobody in without a log-in, except where it is meant for everybody', async () => {
    for (const route of routes) {
      const response = await web.app.inject({
        method: route.method,
        url: urlOf(route.url),
        ...bodyOf(route.url),
      })
      const isOpen = expected.get(`${route.method} ${route.url}`)?.least === '-'
      if (isOpen) expect(codeOf(response.body).code, route.url).not.toBe('not-logged-in')
      else expect([route.url, response.statusCode]).toEqual([route.url, 401])
    }
  })

  it('lets each role of each Organization do what it may and nothing else', async () => {
    const wrong: string[] = []
    for (const route of routes) {
      const rule = expected.get(`${route.method} ${route.url}`)
      // Log-out would end the browser's session for the routes that follow.
      if (
        rule === undefined ||
        rule.least === '-' ||
        `${route.method} ${route.url}` === 'DELETE /api/session'
      )
        continue
      for (const [who, browser] of browsers) {
        const { role, organizationId } = browser.session.user
        const hangsOnStake = rule.scope === 'stake' || rule.scope === 'keeper'
        const mayKnow = !hangsOnStake || organizationId !== stranger
        // Nothing is sealed, and none of these runs the network: the operator may begin (ADR 125).
        const isOfOperator = rule.scope === 'operator' || rule.scope === 'keeper'
        const isInScope = !isOfOperator || organizationId === operator
        const mayDo = mayKnow && isInScope && userRoles.indexOf(role) >= userRoles.indexOf(rule.least)
        const response = await browser.request({
          method: route.method,
          url: urlOf(route.url),
          ...bodyOf(route.url),
        })
        const { code } = codeOf(response.body)
        const isBarred =
          code === 'forbidden' || (code === 'not-found' && route.url.startsWith('/api/locations/'))
        const expectedCode = mayDo ? undefined : mayKnow ? 'forbidden' : 'not-found'
        if (expectedCode === undefined ? isBarred : code !== expectedCode)
          wrong.push(`${who}: ${route.method} ${route.url} → ${response.statusCode} ${code ?? ''}`)
        if (response.statusCode === 500) wrong.push(`${who}: ${route.method} ${route.url} → 500`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('shows a stranger an empty overview, and others the Location', async () => {
    for (const browser of browsers.values()) {
      const { items } = (await browser.request({ method: 'GET', url: '/api/locations' })).json()
      expect(items).toHaveLength(browser.session.user.organizationId === stranger ? 0 : 1)
    }
  })

  it('answers for a foreign Location exactly as for one that does not exist', async () => {
    const browser = browsers.get(`admin of ${stranger}`)
    const foreign = await browser?.request({ method: 'GET', url: `/api/locations/${demoLocationId}` })
    const absent = await browser?.request({ method: 'GET', url: '/api/locations/loc-nowhere' })
    expect(foreign?.statusCode).toBe(404)
    expect(foreign?.body).toBe(absent?.body)
  })
})

function urlOf(url: string): string {
  const path = url
    .replace('/appliances/:id', '/appliances/box-1')
    .replace(':id', demoLocationId)
    .replace(':deviceId', 'dev-pos-1')
    .replace(':ruleId', 'rule-nowhere')
    .replace(':windowId', made.windowId)
    .replace(':silenceId', made.silenceId)
    .replace(':userId', 'user-nowhere')
    .replace(':key', dedupKeyOf(1))
    .replace('*', 'issues')
  return `${path}${query[url] ?? ''}`
}

function bodyOf(url: string): { payload?: object } {
  const payload = payloads[url]
  return payload === undefined ? {} : { payload }
}

function codeOf(body: string): { code?: string } {
  try {
    return JSON.parse(body)
  } catch {
    return {}
  }
}
