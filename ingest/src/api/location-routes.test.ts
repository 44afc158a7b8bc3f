import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IncidentReport } from '../faults/model.ts'
import type { Point } from '../metrics/metric-store.ts'
import {
  dedupKeyOf,
  demoLocationId,
  demoPeople,
  startWeb,
  viewOf,
  type WebUnderTest,
} from './web-under-test.ts'

const url = `/api/locations/${demoLocationId}`

describe('Locations', () => {
  let web: WebUnderTest
  beforeEach(async () => {
    web = await startWeb({
      telemetry: { latest: async () => points, series: async () => Promise.reject(new Error('away')) },
    })
  })
  afterEach(() => web.stop())

  it('stand in the overview before an appliance reported', async () => {
    const browser = await web.browserOf(demoPeople.posAgent)
    const { items } = (await browser.request({ url: '/api/locations' })).json()
    expect(items).toMatchObject([
      {
        id: demoLocationId,
        customerName: 'Cornerstone Café',
        verdict: { health: 'unknown' },
        isOnline: false,
      },
    ])
    expect((await browser.request({ url })).json()).toMatchObject({
      devices: [],
      incidents: [],
      applianceId: null,
    })
  })

  it('stand worst first, and of the same health the one that is so for longest', async () => {
    const states = [
      ['loc-ok', 'ok', 1],
      ['loc-down-new', 'down', 9],
      ['loc-dark', 'dark', 1],
      ['loc-down-old', 'down', 2],
    ] as const
    for (const [id, health, sinceMs] of states) {
      const calendar = { openings: [], holidays: [] }
      await web.directory.places.putLocation({
        id,
        customerId: 'cust-cornerstone',
        name: id,
        timeZone: 'UTC',
        calendar,
      })
      await web.directory.places.putStake({ locationId: id, organizationId: 'org-tillwise', kind: 'pos' })
      await web.projections.projectView(viewOf(id, { health, sinceMs }))
    }
    const browser = await web.browserOf(demoPeople.posAgent)
    const { items } = (await browser.request({ url: '/api/locations' })).json()
    expect(items.map((item: { id: string }) => item.id)).toEqual([
      'loc-down-old',
      'loc-down-new',
      'loc-dark',
      demoLocationId,
      'loc-ok',
    ])
  })

  it('show devices with product, newest telemetry, and who is responsible for what', async () => {
    await web.projections.projectView(viewOf(demoLocationId))
    const browser = await web.browserOf(demoPeople.posAgent)
    const detail = (await browser.request({ url })).json()
    expect(detail.devices).toMatchObject([
      { device: { id: 'dev-pos-1' }, productName: 'Verifone Vx520', rttP50Ms: 3.5, lossRatio: 0 },
    ])
    expect(detail.responsibilities).toContainEqual(
      expect.objectContaining({
        id: 'rule-fallback',
        teamName: 'Network Team',
        organizationName: 'Northwind Networks',
      }),
    )
  })

  it('keep what a device was recognised by when a later view does not repeat it', async () => {
    const view = viewOf(demoLocationId)
    const evidence = [{ source: 'oui' as const, key: 'vendor', value: 'Verifone' }]
    const device = { ...view.devices[0], device: { ...view.devices[0]?.device, evidence } }
    await web.projections.projectView({ ...view, devices: [device] } as typeof view)
    await web.projections.projectView({ ...view, hasEvidence: false, health: 'degraded' })
    const browser = await web.browserOf(demoPeople.posAgent)
    const detail = (await browser.request({ url })).json()
    expect(detail.devices[0].device.evidence).toEqual(evidence)
    expect(detail.summary.verdict.health).toBe('degraded')
  })

  it('tell when the appliance was heard last, also where nothing changed since', async () => {
    const browser = await web.browserOf(demoPeople.posAgent)
    const lastSeenMs = async () => (await browser.request({ url })).json().summary.lastSeenMs
    await web.projections.projectView({ ...viewOf(demoLocationId), lastSeenMs: web.clock.nowMs })
    web.clock.nowMs += 3_600_000
    expect(await lastSeenMs()).toBe(web.clock.nowMs - 3_600_000)
    web.projections.announceTelemetry(demoLocationId, web.clock.nowMs - 20_000, web.clock.nowMs)
    expect(await lastSeenMs()).toBe(web.clock.nowMs)
    // What waited for a store that was away came long ago.
    web.projections.announceTelemetry(demoLocationId, web.clock.nowMs - 900_000, web.clock.nowMs - 890_000)
    web.clock.nowMs += 1_000
    expect(await lastSeenMs()).toBe(web.clock.nowMs - 1_000)
    web.clock.nowMs -= 1_000
    const { items } = (await browser.request({ url: '/api/locations' })).json()
    const own = items.find(({ id }: { id: string }) => id === demoLocationId)
    expect(own.lastSeenMs).toBe(web.clock.nowMs)
  })

  it('show open incidents and those of the last 7 days; a repeat of an old report opens nothing again', async () => {
    const project = (report: IncidentReport) =>
      web.database.db.transaction().execute((trx) => web.projections.projectIncident(trx, report))
    const now = web.clock.nowMs
    await project(reportOf(1, { state: 'open', openedAtMs: now - 5 }))
    await project(reportOf(2, { state: 'closed', openedAtMs: now - 4, closedAtMs: now }))
    await project(reportOf(2, { state: 'open', openedAtMs: now - 4 }))
    await project(reportOf(3, { state: 'closed', openedAtMs: 1, closedAtMs: now - 8 * 24 * 3_600_000 }))
    const browser = await web.browserOf(demoPeople.posAgent)
    const detail = (await browser.request({ url })).json()
    expect(
      detail.incidents.map((incident: { key: string; state: string }) => [incident.key, incident.state]),
    ).toEqual([
      [dedupKeyOf(2), 'closed'],
      [dedupKeyOf(1), 'open'],
    ])
    expect(detail.summary.openIncidentCount).toBe(1)
    // However many came and went since: what stands is shown.
    const gone = Array.from({ length: 220 }, (_, n) =>
      reportOf(100 + n, { state: 'closed', openedAtMs: now + n, closedAtMs: now + n }),
    )
    await web.database.db
      .insertInto('incidents')
      .values(
        gone.map((report) => ({
          key: report.key,
          location_id: report.locationId,
          state: report.state,
          opened_at_ms: report.openedAtMs,
          closed_at_ms: report.closedAtMs ?? null,
          report: JSON.stringify(report),
        })),
      )
      .execute()
    const { incidents } = (await browser.request({ url })).json()
    expect(incidents).toHaveLength(200)
    expect(incidents.at(-1)).toMatchObject({ key: dedupKeyOf(1), state: 'open' })
  })

  it('say so in one sentence when measurements cannot be read', async () => {
    const browser = await web.browserOf(demoPeople.posAgent)
    const response = await browser.request({
      url: `${url}/series?family=device&subject=dev-pos-1&field=rttP50Ms&fromMs=0&toMs=9`,
    })
    expect(response.json()).toMatchObject({ status: 503, code: 'metrics-unavailable' })
  })

  it('let a technician confirm a device: seen at once, told to fault core and appliance', async () => {
    await web.directory.appliances.register({
      applianceId: 'box-1',
      locationId: demoLocationId,
      certificateNotAfterMs: 1_800_000_000_000,
    })
    await web.projections.projectView(viewOf(demoLocationId))
    const before = await web.directory.desired.current('box-1')
    const browser = await web.browserOf(demoPeople.technician)
    const payload = { productId: null, name: 'Bar terminal', isSleeper: true }
    const response = await browser.request({ method: 'PUT', url: `${url}/devices/dev-pos-1`, payload })
    expect(response.json()).toMatchObject({ device: { name: 'Bar terminal', isSleeper: true } })
    expect(response.json().productId).toBeUndefined()
    expect((await web.directory.configs.get(demoLocationId))?.devices).toEqual({
      'dev-pos-1': { name: 'Bar terminal', isSleeper: true },
    })
    const after = await web.directory.desired.current('box-1')
    expect(after?.version).toBe((before?.version ?? 0) + 1)
    expect(after?.config.devices).toEqual([{ deviceId: 'dev-pos-1', name: 'Bar terminal', isSleeper: true }])
    const absent = await browser.request({ method: 'PUT', url: `${url}/devices/dev-nowhere`, payload })
    expect(absent.statusCode).toBe(404)
  })

  it('give a claim token that works once, within a day, for this Location', async () => {
    const browser = await web.browserOf(demoPeople.technician)
    const claim = async () =>
      (await browser.request({ method: 'POST', url: `${url}/claims`, payload: {} })).json()
    const token = (await claim()).bundle.replace('bundle-', '')
    expect(token).toMatch(/^[a-z2-7]{32}$/)
    const [first, second] = await Promise.all([
      web.directory.claims.consume(token, 'box-1'),
      web.directory.claims.consume(token, 'box-2'),
    ])
    expect([first, second].filter((each) => each !== undefined)).toEqual([{ locationId: demoLocationId }])
    const late = (await claim()).bundle.replace('bundle-', '')
    web.clock.nowMs += 24 * 3_600_000
    expect(await web.directory.claims.consume(late, 'box-1')).toBeUndefined()
    const stored = JSON.stringify(await web.database.db.selectFrom('claims').selectAll().execute())
    expect(stored).not.toContain(token)
  })

  it('run a live tool on a connected appliance, and say at once when it is offline or silent', async () => {
    await web.directory.appliances.register({
      applianceId: 'box-1',
      locationId: demoLocationId,
      certificateNotAfterMs: 1_800_000_000_000,
    })
    const browser = await web.browserOf(demoPeople.technician)
    const payload = { request: { action: 'ping', target: '192.0.2.1', count: 1 } }
    const run = async () =>
      (await browser.request({ method: 'POST', url: '/api/appliances/box-1/commands', payload })).json()
    web.outcomes.push(
      {
        kind: 'answered',
        result: {
          v: 1,
          commandId: 'c',
          seq: 0,
          isFinal: true,
          outcome: { status: 'ok', evidence: [], rttsMs: [2.5] },
        },
      },
      { kind: 'offline' },
      { kind: 'timeout' },
    )
    expect(await run()).toMatchObject({
      result: { outcome: { rttsMs: [2.5] } },
      auditId: expect.stringMatching(/^audit-/),
    })
    expect(await run()).toMatchObject({ status: 409, code: 'appliance-offline' })
    expect(await run()).toMatchObject({ status: 504, code: 'command-timeout' })
  })
})

const points: readonly Point[] = [
  {
    family: 'device',
    locationId: demoLocationId,
    subjectId: 'dev-pos-1',
    kind: 'pos-terminal',
    atMs: 1_700_000_000_000,
    fields: new Map([
      ['rttP50Ms', 3.5],
      ['lossRatio', 0],
    ]),
  },
]

function reportOf(n: number, change: Partial<IncidentReport>): IncidentReport {
  return {
    key: dedupKeyOf(n),
    locationId: demoLocationId,
    faultClass: 'router-down',
    severity: 'high',
    state: 'open',
    rootRole: 'router',
    headline: 'Router unreachable',
    symptoms: '',
    diagnosis: '',
    affectedDeviceIds: [],
    startedAtMs: 1,
    openedAtMs: 1,
    reasons: [],
    ...change,
  }
}
