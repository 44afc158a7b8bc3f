import { generateKeyPairSync } from 'node:crypto'
import { unseal } from '@proactive/shared/codec'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoLocationId, demoPeople, startWeb, type WebUnderTest } from './web-under-test.ts'

describe('the fleet', () => {
  let web: WebUnderTest
  beforeAll(async () => {
    web = await startWeb()
    await web.directory.appliances.register({
      applianceId: 'box-1',
      locationId: demoLocationId,
      certificateNotAfterMs: 1_800_000_000_000,
    })
  })
  afterAll(() => web.stop())

  it('tells each appliance with the configuration that is wanted and the one in force', async () => {
    const technician = await web.browserOf(demoPeople.technician)
    const before = (await technician.request({ url: '/api/appliances' })).json()
    expect(before.items).toMatchObject([
      {
        id: 'box-1',
        locationName: 'Cornerstone Café',
        desiredVersion: 1,
        reportedVersion: null,
        refusedCount: 0,
      },
    ])
    const desired = await web.directory.desired.current('box-1')
    if (desired === undefined) throw new Error('nothing is wanted')
    const refused = [{ path: 'networks.0', reason: 'not attached' }]
    await web.directory.desired.recordReported('box-1', { v: 1, version: 1, config: desired.config, refused })
    const after = (await technician.request({ url: '/api/appliances' })).json()
    expect(after.items).toMatchObject([{ reportedVersion: 1, refusedCount: 1 }])
    const config = (await technician.request({ url: '/api/appliances/box-1/config' })).json()
    expect(config).toMatchObject({ desired: { version: 1 }, reported: { version: 1, refused } })
  })

  it('seals what opens SNMP to the appliance’s key, tells who did it and never what it is', async () => {
    const { people, appliances, desired } = web.directory
    const organizationId = 'org-proactive-operations'
    const ada = { id: 'user-ada', organizationId, teamIds: [], name: 'Ada', role: 'admin' as const }
    await people.putUser({ ...ada, email: 'ada@proactive.example' }, 'a password to try')
    const admin = await web.browserOf('ada@proactive.example', 'a password to try')
    const put = (id: string, payload: object) =>
      admin.request({ method: 'PUT', url: `/api/appliances/${id}/snmp`, payload })
    const community = { kind: 'community', community: 'shop-floor' }
    const v3 = {
      kind: 'v3',
      user: 'reader',
      authProtocol: 'sha',
      authKey: 'authentic-1',
      privProtocol: 'aes',
    }
    const tooLong = { authKey: '鍵'.repeat(128), privKey: '鍵'.repeat(128) }
    // Claimed before certificates were kept.
    expect((await put('box-1', community)).json()).toMatchObject({ status: 409, code: 'conflict' })
    const keys = generateKeyPairSync('ec', {
      namedCurve: 'prime256v1',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    await appliances.renewed('box-1', 1_900_000_000_000, keys.publicKey)
    const before = (await desired.current('box-1'))?.version ?? 0
    expect((await put('box-1', community)).statusCode).toBe(204)
    const first = await desired.current('box-1')
    expect(first?.version).toBe(before + 1)
    expect(unseal(keys.privateKey, 'snmp-community', first?.config.sealedSnmpCommunity ?? '')).toBe(
      'shop-floor',
    )
    expect((await put('box-1', { ...v3, privKey: 'short' })).statusCode).toBe(400)
    expect((await put('box-1', { ...v3, ...tooLong })).statusCode).toBe(409)
    expect((await put('box-1', { ...v3, privKey: 'private-2' })).statusCode).toBe(204)
    const { kind: _, ...user } = { ...v3, privKey: 'private-2' }
    const sealed = (await desired.current('box-1'))?.config.sealedSnmpCommunity ?? ''
    expect(JSON.parse(unseal(keys.privateKey, 'snmp-v3', sealed) ?? '')).toEqual(user)

    const config = await admin.request({ url: '/api/appliances/box-1/config' })
    expect(config.json()).toMatchObject({ canSeal: true, snmp: { kind: 'v3', setByName: 'Ada' } })
    const { rows } = await sql`select * from appliances`.execute(web.database.db)
    const trail = await web.database.db.selectFrom('audit_entries').selectAll().execute()
    for (const text of [config.body, JSON.stringify(rows), JSON.stringify(trail)])
      expect(text).not.toMatch(/shop-floor|authentic-1|private-2/)
    expect(config.body).not.toContain(sealed)
    await admin.request({ method: 'DELETE', url: '/api/appliances/box-1/snmp' })
    expect((await desired.current('box-1'))?.config.sealedSnmpCommunity).toBeUndefined()
    expect((await admin.request({ url: '/api/appliances/box-1/config' })).json().snmp).toBeNull()
  })

  it('leaves what opens SNMP to whoever runs the network and whoever sealed it', async () => {
    const { people, places, appliances } = web.directory
    const { publicKey } = generateKeyPairSync('ec', {
      namedCurve: 'prime256v1',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    await appliances.renewed('box-1', 1_900_000_000_000, publicKey)
    const ownerOf = (organizationId: string) => ({
      id: `user-${organizationId}`,
      organizationId,
      teamIds: [],
      name: organizationId,
      email: `admin@${organizationId}.example`,
    })
    const adminOf = async (organizationId: string) => {
      const user = ownerOf(organizationId)
      await people.putUser({ ...user, role: 'admin' }, 'a password to try')
      return web.browserOf(user.email, 'a password to try')
    }
    const operator = await adminOf('org-proactive-operations')
    const network = await adminOf('org-northwind')
    const pos = await adminOf('org-tillwise')
    const url = '/api/appliances/box-1/snmp'
    const payload = { kind: 'community', community: 'shop-floor' }
    const put = async (browser: typeof pos) => browser.request({ method: 'PUT', url, payload })
    const remove = async (browser: typeof pos) =>
      (await browser.request({ method: 'DELETE', url })).statusCode
    const rightOf = async (browser: typeof pos) =>
      (await browser.request({ url: '/api/appliances/box-1/config' })).json().mayChange

    // Nothing stands yet: who runs the network may begin, and the operator.
    expect((await put(pos)).json()).toMatchObject({
      status: 403,
      code: 'forbidden',
      detail: expect.stringContaining('Northwind Networks, Proactive Operations'),
    })
    expect((await put(operator)).statusCode).toBe(204)
    expect((await put(operator)).statusCode).toBe(204)
    expect([await rightOf(operator), await rightOf(network), await rightOf(pos)]).toEqual([true, true, false])
    // Who runs the network has the last word; what it sealed is nobody else's.
    expect((await put(network)).statusCode).toBe(204)
    expect([await remove(pos), await remove(operator)]).toEqual([403, 403])
    expect((await put(operator)).statusCode).toBe(403)
    expect(await remove(network)).toBe(204)
    // Nobody runs it: whoever has a stake may begin, and keeps it.
    const stake = { locationId: demoLocationId, organizationId: 'org-northwind', kind: 'network' } as const
    await places.removeStake(stake)
    expect((await put(pos)).statusCode).toBe(204)
    expect(await remove(operator)).toBe(403)
    // Whoever sealed it keeps the right with their Organization, not with the person; without a stake there is none.
    await people.putUser(
      { ...ownerOf('org-tillwise'), organizationId: 'org-cardlane', role: 'admin' },
      'a password to try',
    )
    expect(await rightOf(await web.browserOf(ownerOf('org-tillwise').email, 'a password to try'))).toBe(false)
    await places.putStake(stake)
    expect(await remove(network)).toBe(204)
  })

  it('is empty for an Organization without a stake', async () => {
    await web.directory.people.putOrganization({ id: 'org-stranger', name: 'Stranger Ltd' })
    const user = {
      id: 'user-s',
      organizationId: 'org-stranger',
      teamIds: [] as string[],
      name: 'S',
      email: 's@s.example',
      role: 'admin',
    } as const
    await web.directory.people.putUser(user, 'a password to try')
    const stranger = await web.browserOf('s@s.example', 'a password to try')
    expect((await stranger.request({ url: '/api/appliances' })).json()).toEqual({ items: [] })
  })
})

describe('the audit trail', () => {
  it('is read by admins of the operator, newest first', async () => {
    const web = await startWeb()
    try {
      const admin = {
        id: 'user-a',
        organizationId: 'org-proactive-operations',
        teamIds: [] as string[],
        name: 'A',
        email: 'a@a.example',
        role: 'admin',
      } as const
      await web.directory.people.putUser(admin, 'a password to try')
      const browser = await web.browserOf('a@a.example', 'a password to try')
      await browser.request({ method: 'POST', url: `/api/locations/${demoLocationId}/claims` })
      const { items } = (await browser.request({ url: '/api/audit?limit=10' })).json()
      expect(items.map(({ action }: { action: string }) => action).sort()).toEqual(['claim', 'log-in'])
      const ofLocation = (await browser.request({ url: `/api/audit?subject=${demoLocationId}` })).json()
      expect(ofLocation.items).toMatchObject([
        { action: 'claim', actor: 'user-a', actorName: 'A', outcome: 'done' },
      ])
    } finally {
      await web.stop()
    }
  })
})
