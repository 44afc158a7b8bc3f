import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Browser, startWeb, type WebUnderTest } from './web-under-test.ts'

const password = 'correct horse battery'

describe('a fleet set up by its first admin', () => {
  let web: WebUnderTest
  let admin: Browser
  beforeEach(async () => {
    web = await startWeb({ isEmpty: true })
    await web.app.inject({
      method: 'POST',
      url: '/api/setup',
      payload: {
        token: web.firstAdmin.token,
        organization: 'Fleet Ltd',
        email: 'ada@fleet.example',
        password,
      },
    })
    admin = await web.browserOf('ada@fleet.example', password)
  })
  afterEach(() => web.stop())

  const post = async (browser: Browser, url: string, payload: object) => {
    const response = await browser.request({ method: 'POST', url, payload })
    return { status: response.statusCode, body: response.body === '' ? undefined : response.json() }
  }

  it('goes from nothing to a claimed appliance with its own networks, over HTTP alone', async () => {
    const organization = (await post(admin, '/api/organizations', { name: 'Till Co' })).body
    const team = (await post(admin, '/api/teams', { organizationId: organization.id, name: 'POS', line: 1 }))
      .body
    const customer = (await post(admin, '/api/customers', { name: 'Corner shop', number: '4711' })).body
    const again = await post(admin, '/api/customers', { name: 'Other name', number: '4711' })
    expect([again.status, again.body.id]).toEqual([200, customer.id])
    const location = (
      await post(admin, '/api/locations', {
        customerId: customer.id,
        name: 'Corner shop',
        timeZone: 'Europe/Paris',
        calendar: { openings: [{ weekday: 1, from: '08:00', to: '18:30' }], holidays: ['2026-12-25'] },
      })
    ).body
    const at = `/api/locations/${location.id}`
    expect((await post(admin, `${at}/stakes`, { organizationId: organization.id, kind: 'pos' })).status).toBe(
      204,
    )
    const product = (await post(admin, `${at}/products`, { name: 'PAX A920', role: 'pos-terminal' })).body
    const owner = { organizationId: organization.id, teamId: team.id, mode: 'collaborative' }
    expect((await post(admin, `${at}/rules`, { productId: product.id, ...owner })).status).toBe(201)
    expect((await post(admin, `${at}/rules`, owner)).status).toBe(201)
    expect((await post(admin, `${at}/rules`, owner)).status).toBe(409)
    expect(await web.directory.routing.resolveRoute(location.id, { role: 'router' })).toMatchObject({
      teamId: team.id,
    })

    const config = {
      telemetrySeconds: 30,
      networks: ['192.0.2.0/24'],
      payPaths: [],
      internetTargets: [],
      dnsNames: [],
    }
    const changed = await admin.request({ method: 'PUT', url: `${at}/agent-config`, payload: config })
    expect(changed.json()).toEqual(config)
    const tooLarge = { ...config, networks: ['10.0.0.0/8'] }
    expect(
      (await admin.request({ method: 'PUT', url: `${at}/agent-config`, payload: tooLarge })).statusCode,
    ).toBe(400)
    const { bundle } = (await post(admin, `${at}/claims`, {})).body
    expect(await web.directory.claims.consume(bundle.replace('bundle-', ''), 'box-1')).toEqual({
      locationId: location.id,
    })
    await web.directory.appliances.register({
      applianceId: 'box-1',
      locationId: location.id,
      certificateNotAfterMs: 1_800_000_000_000,
    })
    expect((await web.directory.desired.current('box-1'))?.config.networks).toEqual(['192.0.2.0/24'])
  })

  it('lets an admin of another Organization manage their own people only', async () => {
    const organization = (await post(admin, '/api/organizations', { name: 'Till Co' })).body
    const user = { organizationId: organization.id, teamIds: [], name: 'Bo', role: 'admin', password }
    expect((await post(admin, '/api/users', { ...user, email: 'bo@till.example' })).status).toBe(201)
    const bo = await web.browserOf('bo@till.example', password)
    const mine = await post(bo, '/api/users', {
      ...user,
      name: 'Cy',
      role: 'agent',
      email: 'cy@till.example',
    })
    expect(mine.status).toBe(201)
    const { organizationId } = admin.session.user
    expect((await post(bo, '/api/users', { ...user, organizationId, email: 'x@till.example' })).status).toBe(
      403,
    )
    expect((await post(bo, '/api/teams', { organizationId, name: 'X', line: 1 })).status).toBe(403)
    expect((await bo.request({ url: `/api/users?organization=${organizationId}` })).statusCode).toBe(403)
    const foreign = await bo.request({ method: 'DELETE', url: `/api/users/${admin.session.user.id}` })
    expect(foreign.statusCode).toBe(404)
    expect((await post(admin, '/api/users', { ...user, email: 'BO@till.example' })).status).toBe(409)

    const cy = await web.browserOf('cy@till.example', password)
    expect((await bo.request({ method: 'DELETE', url: `/api/users/${mine.body.id}` })).statusCode).toBe(204)
    expect((await cy.request({ url: '/api/session' })).statusCode).toBe(401)
    expect((await web.logIn('cy@till.example', password)).statusCode).toBe(401)
  })

  it('lets a User change the own password, which ends their other sessions', async () => {
    const other = await web.browserOf('ada@fleet.example', password)
    const change = (current: string) =>
      admin.request({
        method: 'PUT',
        url: '/api/session/password',
        payload: { current, password: 'another long password' },
      })
    expect((await change('wrong')).statusCode).toBe(403)
    expect((await change(password)).statusCode).toBe(200)
    expect((await other.request({ url: '/api/session' })).statusCode).toBe(401)
    expect((await web.logIn('ada@fleet.example', password)).statusCode).toBe(401)
    expect((await web.logIn('ada@fleet.example', 'another long password')).statusCode).toBe(200)
  })

  it.each([
    ['an unknown Customer', { customerId: 'cust-nowhere' }, 404],
    ['an unknown time zone', { timeZone: 'Mars/Olympus' }, 409],
    [
      'an hour that does not exist',
      { calendar: { openings: [{ weekday: 8, from: '8', to: '25:00' }], holidays: [] } },
      400,
    ],
  ])('refuses a Location with %s', async (_, change, status) => {
    const customer = (await post(admin, '/api/customers', { name: 'Shop', number: '1' })).body
    const location = {
      customerId: customer.id,
      name: 'Shop',
      timeZone: 'UTC',
      calendar: { openings: [], holidays: [] },
      ...change,
    }
    expect((await post(admin, '/api/locations', location)).status).toBe(status)
    expect((await admin.request({ url: '/api/locations' })).json().items).toEqual([])
  })
})
