import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IncidentReport } from '../faults/model.ts'
import { dedupKeyOf, demoLocationId, demoPeople, startWeb, type WebUnderTest } from './web-under-test.ts'

const own = 'loc-harbour'
const report = (n: number, locationId: string, change: Partial<IncidentReport> = {}): IncidentReport => ({
  key: dedupKeyOf(n),
  locationId,
  faultClass: 'provider-outage',
  severity: 'critical',
  state: 'open',
  rootRole: 'internet',
  headline: 'Outage at 198.51.100.0/24 since 14:02: 3 Locations offline',
  symptoms: 'No internet',
  diagnosis: 'Many at once.\n\nLocations: Elsewhere',
  affectedDeviceIds: [],
  startedAtMs: 1_700_000_000_000,
  openedAtMs: 1_700_000_000_000,
  reasons: [{ atMs: 1_700_000_000_000, text: 'Elsewhere went dark' }],
  ...change,
})

describe('an incident by its key', () => {
  let web: WebUnderTest
  const get = async (email: string, n: number) =>
    (await web.browserOf(email)).request({ url: `/api/incidents/${dedupKeyOf(n)}` })
  const project = (told: IncidentReport) =>
    web.database.db.transaction().execute((trx) => web.projections.projectIncident(trx, told))

  beforeEach(async () => {
    web = await startWeb()
    const { places } = web.directory
    for (const id of [own, 'loc-elsewhere'])
      await places.putLocation({
        id,
        customerId: 'cust-cornerstone',
        name: id === own ? 'Harbour' : 'Elsewhere',
        timeZone: 'UTC',
        calendar: { openings: [], holidays: [] },
      })
    await places.putStake({ locationId: own, organizationId: 'org-tillwise', kind: 'pos' })
    await places.putStake({ locationId: 'loc-elsewhere', organizationId: 'org-northwind', kind: 'network' })
    await project(report(1, 'loc-elsewhere', { locationIds: ['loc-elsewhere', own, demoLocationId] }))
    await project(report(2, own, { faultClass: 'location-dark', parentKey: dedupKeyOf(1) }))
    await project(report(3, 'loc-elsewhere', { faultClass: 'router-down', state: 'closed' }))
  })
  afterEach(() => web.stop())

  it('of many Locations shows each Organization its own, and what is written for others to nobody else', async () => {
    const paula = (await get(demoPeople.posAgent, 1)).json()
    expect(paula).toMatchObject({ isOfMany: true, state: 'open' })
    expect(paula.locations.map(({ name }: { name: string }) => name)).toEqual(['Cornerstone Café', 'Harbour'])
    expect(JSON.stringify(paula)).not.toContain('lsewhere')
    const nils = (await get(demoPeople.networkAgent, 1)).json()
    expect(nils).toMatchObject({
      locationId: 'loc-elsewhere',
      diagnosis: expect.stringContaining('Elsewhere'),
    })
  })

  it('that is over is still found by the incidents it accounted for', async () => {
    const closedAtMs = 1_700_000_900_000
    await project(report(1, 'loc-elsewhere', { locationIds: [], state: 'closed', closedAtMs }))
    // What began a day after its end is none of its own, whatever it says.
    const openedAtMs = closedAtMs + 24 * 60 * 60 * 1_000
    await project(report(4, demoLocationId, { parentKey: dedupKeyOf(1), openedAtMs }))
    const { locations } = (await get(demoPeople.posAgent, 1)).json()
    expect(locations).toEqual([{ id: own, name: 'Harbour', timeZone: 'UTC' }])
  })

  it('is not there for who has no stake in any of its Locations', async () => {
    expect((await get(demoPeople.posAgent, 3)).statusCode).toBe(404)
    expect((await get(demoPeople.posAgent, 9)).statusCode).toBe(404)
    expect((await get(demoPeople.networkAgent, 3)).json()).toMatchObject({ isOfMany: false })
  })
})
