import type { Database, Trx } from '../db/open.ts'

/** Whether an Organization has a stake in a Location: only such may be drawn into its Issues. */
export async function hasStake(
  db: Database | Trx,
  organizationId: string,
  locationId: string,
): Promise<boolean> {
  const row = await db
    .selectFrom('stakes')
    .select('kind')
    .where('organization_id', '=', organizationId)
    .where('location_id', '=', locationId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** A Team that still exists. */
export async function findTeam(db: Database | Trx, teamId: string) {
  return db
    .selectFrom('teams')
    .select(['id', 'name', 'organization_id as organizationId', 'line'])
    .where('id', '=', teamId)
    .where('is_removed', '=', 0)
    .executeTakeFirst()
}

/** A User that still exists. */
export async function findUser(db: Database | Trx, userId: string) {
  return db
    .selectFrom('users')
    .select(['id', 'name', 'organization_id as organizationId', 'role'])
    .where('id', '=', userId)
    .where('is_removed', '=', 0)
    .executeTakeFirst()
}

const maxPeople = 500

/** Users of the Organizations with a stake in a Location, who may work on Issues there; by Organization and name. */
export async function peopleAtLocation(db: Database | Trx, locationId: string) {
  return db
    .selectFrom('users')
    .innerJoin('organizations', 'organizations.id', 'users.organization_id')
    .select([
      'users.id',
      'users.name',
      'users.organization_id as organizationId',
      'organizations.name as organizationName',
    ])
    .where('users.is_removed', '=', 0)
    .where('users.role', '!=', 'viewer')
    .where('users.organization_id', 'in', (stakes) =>
      stakes.selectFrom('stakes').select('organization_id').where('location_id', '=', locationId),
    )
    .orderBy('organizations.name')
    .orderBy('users.name')
    .orderBy('users.id')
    .limit(maxPeople)
    .execute()
}
