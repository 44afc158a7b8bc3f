import type { User } from '@proactive/shared/http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demoLocationId, demoPeople, startWeb, type WebUnderTest } from '../api/web-under-test.ts'

const url = `/api/locations/${demoLocationId}/notes`

describe('notes on a Location', () => {
  let web: WebUnderTest
  beforeEach(async () => {
    web = await startWeb()
  })
  afterEach(() => web.stop())

  it('are read by everybody with a stake, kept as they were typed, and removed by who wrote them', async () => {
    const paula = await web.browserOf(demoPeople.posAgent)
    const nils = await web.browserOf(demoPeople.networkAgent)
    const body = 'Router behind the <b>ice</b> machine.\nKey: ask Rosa.'
    expect((await paula.request({ method: 'POST', url, payload: { body } })).statusCode).toBe(201)
    const [note] = (await nils.request({ url })).json().items
    expect(note).toMatchObject({ body, organizationName: 'Tillwise POS', isOwn: false })
    expect((await nils.request({ method: 'DELETE', url: `${url}/${note.id}` })).statusCode).toBe(403)
    expect((await paula.request({ method: 'DELETE', url: `${url}/${note.id}` })).statusCode).toBe(204)
    expect((await paula.request({ url })).json().items).toEqual([])
  })
})

describe('Users and Locations that change', () => {
  let web: WebUnderTest
  beforeEach(async () => {
    web = await startWeb()
  })
  afterEach(() => web.stop())

  async function adminOf(organizationId: string) {
    const email = `ada@${organizationId}.example`
    const user: User = {
      id: `ada-${organizationId}`,
      organizationId,
      teamIds: [],
      name: 'Ada',
      email,
      role: 'admin',
    }
    await web.directory.people.putUser(user, 'a password to try')
    return web.browserOf(email, 'a password to try')
  }
  const change = {
    name: 'Paula P.',
    email: 'Paula@tillwise.example',
    role: 'technician',
    teamIds: ['team-pos'],
  }

  it('a User gets another name, address, role and password from an admin of theirs', async () => {
    const admin = await adminOf('org-tillwise')
    const paula = await web.browserOf(demoPeople.posAgent)
    const id = paula.session.user.id
    const payload = { ...change, password: 'a fresh long password' }
    const changed = await admin.request({ method: 'PUT', url: `/api/users/${id}`, payload })
    expect(changed.json()).toMatchObject({ role: 'technician', email: 'paula@tillwise.example' })
    expect((await paula.request({ url: '/api/session' })).statusCode).toBe(401)
    expect((await web.logIn('paula@tillwise.example', 'a fresh long password')).statusCode).toBe(200)
  })

  it('nobody changes a User of another Organization, the own role, or takes an address that is somebody’s', async () => {
    const [admin, stranger] = [await adminOf('org-tillwise'), await adminOf('org-northwind')]
    const { id } = (await web.browserOf(demoPeople.posAgent)).session.user
    const put = (browser: typeof admin, user: string, payload: object) =>
      browser.request({ method: 'PUT', url: `/api/users/${user}`, payload })
    expect((await put(stranger, id, change)).statusCode).toBe(404)
    expect((await put(admin, 'ada-org-tillwise', { ...change, teamIds: [] })).statusCode).toBe(409)
    expect((await put(admin, id, { ...change, email: demoPeople.technician })).statusCode).toBe(409)
    expect((await put(admin, id, { ...change, teamIds: ['team-network'] })).statusCode).toBe(409)
  })

  it('a User without a password logs in by nothing that anybody knows', async () => {
    const admin = await adminOf('org-tillwise')
    const payload = { ...change, organizationId: 'org-tillwise', email: 'sso@tillwise.example' }
    expect((await admin.request({ method: 'POST', url: '/api/users', payload })).statusCode).toBe(201)
    expect((await web.logIn('sso@tillwise.example', '')).statusCode).toBe(400)
    expect((await web.logIn('sso@tillwise.example', 'undefined')).statusCode).toBe(401)
  })

  it('a Location is read as it is written, and written back', async () => {
    const admin = await adminOf('org-proactive-operations')
    const at = `/api/locations/${demoLocationId}`
    const record = (await admin.request({ url: `${at}/record` })).json()
    const next = { ...record, name: 'Cornerstone II', hasBackupUplink: !record.hasBackupUplink }
    expect((await admin.request({ method: 'PUT', url: at, payload: next })).statusCode).toBe(200)
    expect((await admin.request({ url: `${at}/record` })).json()).toEqual(next)
  })
})
