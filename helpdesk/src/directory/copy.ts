import type { DirectoryChanges, DirectoryEntity } from '@proactive/shared/http'
import type { Trx } from '../db/open.ts'
import { refreshOrganizationsOfTeam } from '../issues/parties.ts'

/** Newest change of the directory that the copy holds; 0 = it is empty. */
export async function directoryCursor(trx: Trx): Promise<number> {
  const row = await trx.selectFrom('state').select('directory_cursor').executeTakeFirstOrThrow()
  return row.directory_cursor
}

/**
 * Applies the changes behind the copy's cursor, in order; what it already holds is skipped, so a resend is harmless.
 * Returns the new cursor.
 */
export async function applyDirectoryChanges(trx: Trx, { changes }: DirectoryChanges): Promise<number> {
  let cursor = await directoryCursor(trx)
  for (const change of [...changes].sort((a, b) => a.cursor - b.cursor)) {
    if (change.cursor <= cursor) continue
    await applyEntity(trx, change.entity)
    cursor = change.cursor
  }
  await trx.updateTable('state').set({ directory_cursor: cursor }).execute()
  return cursor
}

async function applyEntity(trx: Trx, entity: DirectoryEntity): Promise<void> {
  switch (entity.type) {
    case 'organization': {
      const { id, name } = entity.value
      const row = { name, is_removed: 0 }
      await trx
        .insertInto('organizations')
        .values({ id, ...row })
        .onConflict((c) => c.column('id').doUpdateSet(row))
        .execute()
      return
    }
    case 'team': {
      const { id, organizationId, name, line } = entity.value
      const row = { organization_id: organizationId, name, line, is_removed: 0 }
      await trx
        .insertInto('teams')
        .values({ id, ...row })
        .onConflict((c) => c.column('id').doUpdateSet(row))
        .execute()
      await refreshOrganizationsOfTeam(trx, id)
      return
    }
    case 'user': {
      const { id, organizationId, name, role } = entity.value
      const row = { organization_id: organizationId, name, role, is_removed: 0 }
      await trx
        .insertInto('users')
        .values({ id, ...row })
        .onConflict((c) => c.column('id').doUpdateSet(row))
        .execute()
      return
    }
    case 'customer': {
      const { id, name, number } = entity.value
      const row = { name, number, is_removed: 0 }
      await trx
        .insertInto('customers')
        .values({ id, ...row })
        .onConflict((c) => c.column('id').doUpdateSet(row))
        .execute()
      return
    }
    case 'location': {
      const { id, customerId, name } = entity.value
      const row = { customer_id: customerId, name, is_removed: 0 }
      await trx
        .insertInto('locations')
        .values({ id, ...row })
        .onConflict((c) => c.column('id').doUpdateSet(row))
        .execute()
      return
    }
    case 'product': {
      const { id, locationId, name, role } = entity.value
      const row = { location_id: locationId, name, role, is_removed: 0 }
      await trx
        .insertInto('products')
        .values({ id, ...row })
        .onConflict((c) => c.column('id').doUpdateSet(row))
        .execute()
      return
    }
    case 'stake': {
      const { locationId, organizationId, kind } = entity.value
      await trx
        .insertInto('stakes')
        .values({ location_id: locationId, organization_id: organizationId, kind })
        .onConflict((c) => c.doNothing())
        .execute()
      return
    }
    case 'removed':
      await applyRemoval(trx, entity.value.entity, entity.value.id)
  }
}

/** Tables whose rows are marked instead of deleted: old Issues go on showing their names. */
const markedTables = new Map<
  string,
  'organizations' | 'teams' | 'users' | 'customers' | 'locations' | 'products'
>([
  ['organization', 'organizations'],
  ['team', 'teams'],
  ['user', 'users'],
  ['customer', 'customers'],
  ['location', 'locations'],
  ['product', 'products'],
])

async function applyRemoval(trx: Trx, entity: string, id: string): Promise<void> {
  const table = markedTables.get(entity)
  if (table !== undefined) {
    await trx.updateTable(table).set({ is_removed: 1 }).where('id', '=', id).execute()
    return
  }
  if (entity !== 'stake') return
  const [locationId = '', organizationId = '', kind = ''] = id.split('/')
  await trx
    .deleteFrom('stakes')
    .where('location_id', '=', locationId)
    .where('organization_id', '=', organizationId)
    .where('kind', '=', kind)
    .execute()
}
