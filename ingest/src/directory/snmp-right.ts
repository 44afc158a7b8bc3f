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
 * Where nothing stands, the operator may begin as well; where nobody runs the network either, everybody with a stake.
 */
export async function snmpRightAt(
  db: Db,
  locationId: string,
  standing: Pick<StoredSnmp, 'setBy'> | undefined,
  askingOrganizationId: string,
): Promise<SnmpRight> {
  const stakes = await db
    .selectFrom('stakes')
    .innerJoin('organizations', 'organizations.id', 'stakes.organization_id')
    .select(['stakes.kind', 'organizations.id', 'organizations.name', 'organizations.is_operator'])
    .where('stakes.location_id', '=', locationId)
    .orderBy('organizations.name')
    .execute()
  const setBy =
    standing === undefined
      ? undefined
      : await db
          .selectFrom('users')
          .select('organization_id')
          .where('id', '=', standing.setBy)
          .executeTakeFirst()
  const isRun = stakes.some(({ kind }) => kind === 'network')
  const keepers = stakes.filter(
    ({ kind, id, is_operator }) =>
      kind === 'network' ||
      (standing === undefined ? is_operator === 1 || !isRun : id === setBy?.organization_id),
  )
  return {
    mayChange: keepers.some(({ id }) => id === askingOrganizationId),
    keeperNames: [...new Set(keepers.map(({ name }) => name))],
  }
}
