import { faultClasses } from '@proactive/shared'
import type { FaultRule } from '@proactive/shared/http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IssueTables } from '../issues/index.ts'
import { ruleVersionOf } from '../issues/precision-ledger.ts'
import { dedupKeyOf, demoLocationId, demoPeople, startWeb, type WebUnderTest } from './web-under-test.ts'

describe('the table of causes', () => {
  let web: WebUnderTest
  beforeEach(async () => {
    web = await startWeb()
  })
  afterEach(() => web.stop())

  it('names every cause, and says how often each was right where one looks', async () => {
    const { db } = web.database
    for (const [n, status] of ['Resolved', 'Resolved', 'Resolved', 'Cancelled', 'Unclaimed'].entries()) {
      const key = dedupKeyOf(n)
      const row = {
        location_id: demoLocationId,
        state: 'closed',
        opened_at_ms: web.clock.nowMs,
        closed_at_ms: null,
        report: JSON.stringify({ faultClass: 'router-down' }),
      }
      await db
        .insertInto('incidents')
        .values({ key, ...row })
        .execute()
      await db
        .withTables<IssueTables>()
        .insertInto('issue_refs')
        .values({
          key,
          issue_id: `issue-${n}`,
          number: n,
          status,
          owner_team_id: 'team-network',
          is_touched: 0,
          opened_at_ms: 0,
          updated_at_ms: 0,
        })
        .execute()
    }
    const technician = await web.browserOf(demoPeople.technician)
    const read = async () =>
      (await technician.request({ url: '/api/fault-rules' })).json().items as FaultRule[]
    const items = await read()
    expect(new Set(items.map(({ faultClass }) => faultClass))).toEqual(new Set(faultClasses))
    expect(items.find(({ faultClass }) => faultClass === 'router-down')).toMatchObject({
      opened: 5,
      resolved: 3,
      cancelled: 1,
      precision: 0.75,
    })
    expect(items.find(({ faultClass }) => faultClass === 'pos-down')).toMatchObject({
      opened: 0,
      precision: null,
    })
    web.clock.nowMs += 91 * 24 * 60 * 60 * 1_000
    const later = await web.browserOf(demoPeople.technician)
    const old = (await later.request({ url: '/api/fault-rules' })).json().items as FaultRule[]
    expect(old.every(({ opened }) => opened === 0)).toBe(true)
  })

  it('says which rule records and opens nothing; only an admin of the operator may trust it again', async () => {
    const db = web.database.db.withTables<IssueTables>()
    for (let n = 0; n < 12; n += 1)
      await db
        .insertInto('rule_ledger')
        .values({
          key: dedupKeyOf(100 + n),
          fault_class: 'dhcp-failing',
          rule_version: ruleVersionOf('dhcp-failing'),
          closing_code: n < 6 ? 'false' : 'true',
          organization_id: `org-${n % 2}`,
          closed_at_ms: web.clock.nowMs,
          is_forgiven: 0,
        })
        .execute()
    const read = async () => {
      const technician = await web.browserOf(demoPeople.technician)
      const items = (await technician.request({ url: '/api/fault-rules' })).json().items as FaultRule[]
      return items.find(({ faultClass }) => faultClass === 'dhcp-failing')?.ledger
    }
    expect(await read()).toMatchObject({ isShadow: true, precision: 0.5, closed: { true: 6, false: 6 } })
    const technician = await web.browserOf(demoPeople.technician)
    const tried = await technician.request({ method: 'POST', url: '/api/fault-rules/dhcp-failing/trust' })
    expect(tried.statusCode).toBe(403)
  })

  it('takes a verdict on what a rule on probation recorded, and on nothing that has an Issue', async () => {
    const incident = (n: number, more: object) => ({
      key: dedupKeyOf(n),
      location_id: demoLocationId,
      state: 'closed',
      opened_at_ms: web.clock.nowMs,
      closed_at_ms: web.clock.nowMs,
      report: JSON.stringify({
        ...{ key: dedupKeyOf(n), locationId: demoLocationId, faultClass: 'dhcp-failing', state: 'closed' },
        ...{ severity: 'medium', headline: 'h', symptoms: 's', diagnosis: 'd', affectedDeviceIds: [] },
        ...{ openedAtMs: 1, startedAtMs: 1, reasons: [], ...more },
      }),
    })
    await web.database.db
      .insertInto('incidents')
      .values([incident(1, { issueHeldBy: 'shadow' }), incident(2, {})])
      .execute()
    const agent = await web.browserOf(demoPeople.posAgent)
    const judge = async (n: number) => {
      const url = `/api/locations/${demoLocationId}/incidents/${dedupKeyOf(n)}/verdict`
      return (await agent.request({ method: 'POST', url, payload: { closingCode: 'true' } })).statusCode
    }
    expect([await judge(1), await judge(2), await judge(3)]).toEqual([204, 409, 404])
    const technician = await web.browserOf(demoPeople.technician)
    const items = (await technician.request({ url: '/api/fault-rules' })).json().items as FaultRule[]
    const standing = items.find(({ faultClass }) => faultClass === 'dhcp-failing')?.ledger
    expect(standing).toMatchObject({ closed: { true: 1 }, precision: 1 })
  })
})
