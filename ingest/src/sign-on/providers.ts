import { type SignOnProvider, signOnProviderSchema, type WriteSignOnProvider } from '@proactive/shared/http'
import { z } from 'zod'
import type { Database } from '../db/database.ts'
import type { SecretBox } from '../db/secret-box.ts'
import { DirectoryError } from '../directory/errors.ts'
import { newId } from '../directory/new-id.ts'
import type { ProviderRow } from './tables.ts'

const maxProviders = 50
const storedIds = z.array(z.string())

/** A provider with what only the client may read. */
export interface ProviderSecrets extends SignOnProvider {
  /** undefined = a public client. `null` = sealed with a key that is lost: to be entered anew. */
  readonly clientSecret: string | undefined | null
}

/** OpenID Connect providers of this installation, as its operator set them up. */
export interface SignOnProviders {
  list(): Promise<SignOnProvider[]>
  find(id: string): Promise<ProviderSecrets | undefined>
  /** @throws DirectoryError where an Organization is unknown or there are 50 already. */
  make(provider: WriteSignOnProvider): Promise<SignOnProvider>
  /** Another issuer or client forgets who was who: subjects are unique within an issuer only. @throws as {@link make}. */
  change(id: string, provider: WriteSignOnProvider): Promise<SignOnProvider>
  remove(id: string): Promise<void>
}

export function createSignOnProviders(
  { db }: Database,
  secrets: SecretBox,
  nowMs: () => number,
): SignOnProviders {
  const place = (id: string) => `sign-on/${id}`
  const find = (id: string) =>
    db.selectFrom('sign_on_providers').selectAll().where('id', '=', id).executeTakeFirst()

  async function refuseUnknown(organizationIds: readonly string[]): Promise<void> {
    const rows = await db
      .selectFrom('organizations')
      .select('id')
      .where('id', 'in', [...organizationIds])
      .execute()
    if (rows.length !== new Set(organizationIds).size)
      throw new DirectoryError('not-found', 'There is no such Organization.')
  }

  function secretOf({ id, client_secret: sealed }: ProviderRow): string | undefined | null {
    if (sealed === null) return undefined
    try {
      return secrets.open(sealed, place(id))
    } catch {
      return null
    }
  }

  const columns = (id: string, provider: WriteSignOnProvider) => ({
    name: provider.name,
    issuer: provider.issuer,
    client_id: provider.clientId,
    organization_ids: JSON.stringify([...new Set(provider.organizationIds)]),
    is_active: provider.isActive ? 1 : 0,
    ...(provider.clientSecret === undefined
      ? {}
      : { client_secret: secrets.seal(provider.clientSecret, place(id)) }),
  })

  return {
    list: async () => {
      const rows = await db.selectFrom('sign_on_providers').selectAll().orderBy('name').execute()
      return rows.map(toProvider)
    },
    find: async (id) => {
      const row = await find(id)
      if (row === undefined) return undefined
      return { ...toProvider(row), clientSecret: secretOf(row) }
    },
    make: async (provider) => {
      await refuseUnknown(provider.organizationIds)
      const present = await db.selectFrom('sign_on_providers').select('id').execute()
      if (present.length >= maxProviders)
        throw new DirectoryError('conflict', 'There are 50 providers already: remove one first.')
      const id = newId('idp')
      const row: ProviderRow = {
        id,
        client_secret: null,
        created_at_ms: nowMs(),
        ...columns(id, provider),
      }
      await db.insertInto('sign_on_providers').values(row).execute()
      return toProvider(row)
    },
    change: async (id, provider) => {
      await refuseUnknown(provider.organizationIds)
      return db.transaction().execute(async (trx) => {
        const before = await trx
          .selectFrom('sign_on_providers')
          .selectAll()
          .where('id', '=', id)
          .executeTakeFirst()
        if (before === undefined) throw new DirectoryError('not-found', 'There is no such provider.')
        if (before.issuer !== provider.issuer || before.client_id !== provider.clientId)
          await trx.deleteFrom('sign_on_subjects').where('provider_id', '=', id).execute()
        // A secret is for the issuer it was made at: another one never gets to see it.
        const isElsewhere = before.issuer !== provider.issuer && provider.clientSecret === undefined
        const row = { ...columns(id, provider), ...(isElsewhere ? { client_secret: null } : {}) }
        await trx.updateTable('sign_on_providers').set(row).where('id', '=', id).execute()
        return toProvider({ ...before, ...row })
      })
    },
    remove: async (id) => {
      await db.deleteFrom('sign_on_providers').where('id', '=', id).execute()
    },
  }
}

function toProvider(row: ProviderRow): SignOnProvider {
  return signOnProviderSchema.parse({
    id: row.id,
    name: row.name,
    issuer: row.issuer,
    clientId: row.client_id,
    hasSecret: row.client_secret !== null,
    organizationIds: storedIds.parse(JSON.parse(row.organization_ids)),
    isActive: row.is_active === 1,
    createdAtMs: row.created_at_ms,
  })
}
