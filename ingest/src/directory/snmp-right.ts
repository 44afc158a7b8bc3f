import type { Db } from '../db/database.ts'
import type { StoredSnmp } from './stored-snmp.ts'

/** Who may say what opens SNMP at a Location's appliances (ADR 125). */
export interface SnmpRight {
  /** Whether the Organization that asks may. */
  readonly mayChange: boolean
  /** Names of the Organizations whose admins may, by name. */
  readonly keeperNames: string[]
}

/**
 * The right is with whoever runs the network of the Location (a `network` stake) and with whoever sealed what stands, while they have a stake there.
 * Where nothing stands, or nobody is left who has the right, the operator may begin as well; where nobody runs the network either, everybody with a stake.
 */
export async function snmpRightAt(
  db: Db,
  locationId: string,
  standing: StoredSnmp | undefined,
  askingOrganizationId: string,
): Promise<SnmpRight> {
  const stakes = await db
    .selectFrom('stakes')
    .innerJoin('organizations', 'organizations.id', 'stakes.organization_id')
    .select(['stakes.kind', 'organizations.id', 'organizations.name', 'organizations.is_operator'])
    .where('stakes.location_id', '=', locationId)
    .orderBy('organizations.name')
    .execute()
  const sealerId = standing && (standing.setByOrganization ?? (await organizationOf(db, standing.setBy)))
  const entitled = stakes.filter(({ kind, id }) => kind === 'network' || id === sealerId)
  const isRun = stakes.some(({ kind }) => kind === 'network')
  const keepers =
    standing !== undefined && entitled.length > 0
      ? entitled
      : stakes.filter(({ kind, is_operator }) => !isRun || kind === 'network' || is_operator === 1)
  return {
    mayChange: keepers.some(({ id }) => id === askingOrganizationId),
    keeperNames: [...new Set(keepers.map(({ name }) => name))],
  }
}

async function organizationOf(db: Db, userId: string): Promise<string | undefined> {
  const user = await db
    .selectFrom('users')
    .select('organization_id')
    .where('id', '=', userId)
    .executeTakeFirst()
  return user?.organization_id
}
