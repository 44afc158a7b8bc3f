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
      expect(ofLocation.items).toMatchObject([{ action: 'claim', actor: 'user-a', outcome: 'done' }])
    } finally {
      await web.stop()
    }
  })
})
