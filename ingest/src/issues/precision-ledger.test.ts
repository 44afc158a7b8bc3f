import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClosingCode, Issue } from '@proactive/shared/http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDatabase, type Database, migrate } from '../db/index.ts'
import { directoryMigrations } from '../directory/index.ts'
import { issueMigrations } from './migrations.ts'
import type { IssueTrx } from './operations.ts'
import {
  closingCodeOf,
  createPrecisionLedger,
  type PrecisionLedger,
  type RuleStanding,
  ruleVersionOf,
} from './precision-ledger.ts'
import type { IssueTables } from './tables.ts'

describe('the precision ledger', () => {
  const folder = mkdtempSync(join(tmpdir(), 'proactive-ledger-'))
  let database: Database
  let ledger: PrecisionLedger
  let changes: RuleStanding[]
  let nowMs = 1_700_000_000_000
  let count = 0

  beforeEach(async () => {
    database = await createDatabase({ dataDir: mkdtempSync(join(folder, 'db-')) })
    await migrate(database, [...directoryMigrations, ...issueMigrations], () => nowMs)
    changes = []
    ledger = createPrecisionLedger({
      db: database.db,
      nowMs: () => nowMs,
      onChange: (standing) => changes.push(standing),
    })
  })
  afterEach(() => database.stop())

  async function addOrganization(id: string): Promise<void> {
    await database.db.insertInto('organizations').values({ id, name: id, is_operator: 0 }).execute()
  }

  async function close(
    faultClass: string,
    closingCode: ClosingCode,
    times: number,
    ownerOrganizationId = 'org-1',
  ): Promise<void> {
    for (let one = 0; one < times; one += 1) {
      const issue = {
        key: `px-test-${String(++count).padStart(26, 'a')}`,
        status: closingCode === 'false' ? 'Cancelled' : 'Resolved',
        closingCode,
        isTouched: true,
        proactive: { faultClass },
        ownerOrganizationId,
        resolvedAtMs: ++nowMs,
      } as unknown as Issue
      await database.db.transaction().execute((trx) => ledger.note(trx.withTables<IssueTables>(), issue))
    }
    await ledger.standings()
  }
  const transaction = <T>(work: (trx: IssueTrx) => Promise<T>) =>
    database.db.transaction().execute((trx) => work(trx.withTables<IssueTables>()))
  const of = async (faultClass: string) =>
    (await ledger.standings()).find((standing) => standing.faultClass === faultClass)

  it('keeps a rule in force while at least 80 % of its Issues were right, recoveries and wrong owners among them', async () => {
    await close('pos-down', 'true', 5)
    await close('pos-down', 'self-recovered', 3)
    await close('pos-down', 'false', 1)
    await close('pos-down', 'wrong-owner', 1)
    expect(await of('pos-down')).toMatchObject({
      precision: 0.9,
      isShadow: false,
      closed: { true: 5, 'self-recovered': 3, false: 1, 'wrong-owner': 1 },
    })
    expect(changes).toEqual([])
  })

  it('puts a rule below 80 % into shadow, says so once, and leaves the others alone', async () => {
    await close('dhcp-failing', 'true', 7)
    await close('dhcp-failing', 'false', 3)
    expect(ledger.isShadow('dhcp-failing')).toBe(true)
    expect(ledger.isShadow('pos-down')).toBe(false)
    await ledger.standings()
    expect(changes.map(({ faultClass, isShadow }) => [faultClass, isShadow])).toEqual([
      ['dhcp-failing', true],
    ])
  })

  it('never lets one Organization mute a rule for the others', async () => {
    await addOrganization('org-1')
    await addOrganization('org-2')
    await close('dhcp-failing', 'false', 30)
    expect(await of('dhcp-failing')).toMatchObject({ precision: 0, isShadow: false })
    await close('dhcp-failing', 'true', 4, 'org-2')
    await close('dhcp-failing', 'false', 1, 'org-2')
    expect(ledger.isShadow('dhcp-failing')).toBe(false)
    await close('dhcp-failing', 'false', 1, 'org-2')
    expect(ledger.isShadow('dhcp-failing')).toBe(true)
  })

  it('keeps critical rules in force whatever becomes of their Issues', async () => {
    for (const faultClass of ['router-down', 'location-dark', 'provider-outage'] as const) {
      await close(faultClass, 'false', 20)
      expect(await of(faultClass)).toMatchObject({ precision: 0, isShadow: false })
    }
  })

  it('does not hold the wrong desk against a rule', async () => {
    await close('ip-conflict', 'wrong-owner', 20)
    expect(await of('ip-conflict')).toMatchObject({ precision: 1, isShadow: false })
  })

  it('decides nothing by fewer than ten', async () => {
    await close('ip-conflict', 'false', 9)
    expect(await of('ip-conflict')).toMatchObject({ precision: 0, isShadow: false })
  })

  it('trusts a rule again when told to, and counts anew', async () => {
    await close('wan-degraded', 'false', 10)
    expect(ledger.isShadow('wan-degraded')).toBe(true)
    await ledger.trust('wan-degraded')
    expect(ledger.isShadow('wan-degraded')).toBe(false)
    expect(await of('wan-degraded')).toMatchObject({ precision: null })
    expect(changes.map(({ isShadow }) => isShadow)).toEqual([true, false])
  })

  it('does not hold against a rule what an older version of it did', async () => {
    await close('wan-degraded', 'false', 10)
    await database.db
      .withTables<IssueTables>()
      .updateTable('rule_ledger')
      .set({ rule_version: 'older' })
      .execute()
    expect(await of('wan-degraded')).toMatchObject({ precision: null, isShadow: false })
  })

  it('lets a rule come back by what people say of the incidents it recorded', async () => {
    await close('wan-degraded', 'true', 6)
    await close('wan-degraded', 'false', 4)
    expect(ledger.isShadow('wan-degraded')).toBe(true)
    const judge = (key: string, closingCode: ClosingCode) =>
      ledger.judge({ key, faultClass: 'wan-degraded', closingCode, organizationId: 'org-1' })
    for (let one = 0; one < 9; one += 1) await judge(`px-test-shadow-${one}`, 'true')
    // Said again, the newest word counts, and counts once.
    for (const closingCode of ['false', 'true'] as const) await judge('px-test-shadow-9', closingCode)
    expect(await of('wan-degraded')).toMatchObject({ closed: { true: 16, false: 4 }, isShadow: false })
    expect(changes.map(({ isShadow }) => isShadow)).toEqual([true, false])
  })

  it('counts for the version that opened the incident, not for the one in force when its Issue is closed', async () => {
    const { rule_version: now } = await transaction(async (trx) => {
      await ledger.stamp(trx, { key: `px-test-${'1'.padStart(26, 'a')}`, faultClass: 'dhcp-failing' })
      return trx.selectFrom('incident_rules').select('rule_version').executeTakeFirstOrThrow()
    })
    expect(now).toBe(ruleVersionOf('dhcp-failing'))
    // As if the rule had been changed since that opening; what is told of it later stamps nothing anew.
    await transaction((trx) => trx.updateTable('incident_rules').set({ rule_version: 'older' }).execute())
    count = 0
    await transaction((trx) =>
      ledger.stamp(trx, { key: `px-test-${'1'.padStart(26, 'a')}`, faultClass: 'dhcp-failing' }),
    )
    await close('dhcp-failing', 'false', 1)
    await close('dhcp-failing', 'true', 1)
    const rows = await transaction((trx) =>
      trx.selectFrom('rule_ledger').select(['closing_code', 'rule_version']).orderBy('key').execute(),
    )
    expect(rows).toEqual([
      { closing_code: 'false', rule_version: 'older' },
      { closing_code: 'true', rule_version: now },
    ])
    expect(await of('dhcp-failing')).toMatchObject({ precision: 1 })
  })

  it('forgets what is too old to count', async () => {
    await close('ip-conflict', 'true', 3)
    nowMs += 181 * 24 * 3_600_000
    await close('ip-conflict', 'true', 1)
    await ledger.trim()
    const rows = await database.db.withTables<IssueTables>().selectFrom('rule_ledger').select('key').execute()
    expect(rows).toHaveLength(1)
  })

  it.each([
    ['Cancelled', true, 'false'],
    ['Resolved', true, 'true'],
    ['Resolved', false, 'self-recovered'],
  ] as const)('reads a helpdesk that does not ask: %s, touched %s → %s', (status, isTouched, code) => {
    expect(closingCodeOf({ status, isTouched })).toBe(code)
  })

  it('leaves nothing behind', () => rmSync(folder, { recursive: true }))
})
