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
