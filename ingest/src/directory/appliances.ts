import { type EpochMs, reportedSchema } from '@proactive/shared'
import type { Appliance, FleetAppliance } from '@proactive/shared/http'
import type { Database } from '../db/database.ts'
import type { ApplianceRegistry } from '../identity/ports.ts'
import { refreshDesired } from './desired.ts'
import { DirectoryError } from './errors.ts'
import type { DirectoryJournal } from './journal.ts'
import type { ApplianceRow } from './tables.ts'

/** Which appliances exist, and where. */
export interface Appliances extends ApplianceRegistry {
  get(applianceId: string): Promise<Appliance | undefined>
  list(locationId: string): Promise<Appliance[]>
  /** Of all Locations in which the Organization has a stake, the newest claim first. */
  fleetOf(organizationId: string): Promise<FleetAppliance[]>
  /** The certificate counts no longer from now on; {@link onRevoked} cuts what is still connected. A repeat keeps the first instant. */
  revoke(applianceId: string): Promise<void>
  /** Returns how to stop listening. */
  onRevoked(listener: (applianceId: string) => void): () => void
}

export interface AppliancesDependencies {
  readonly database: Database
  readonly journal: DirectoryJournal
  readonly nowMs: () => EpochMs
}

export function createAppliances({ database: { db }, journal, nowMs }: AppliancesDependencies): Appliances {
  const get = async (applianceId: string) => {
    const row = await db.selectFrom('appliances').selectAll().where('id', '=', applianceId).executeTakeFirst()
    return row && toAppliance(row)
  }
  return {
    get,
    list: async (locationId) => {
      const rows = await db
        .selectFrom('appliances')
        .selectAll()
        .where('location_id', '=', locationId)
        .orderBy('claimed_at_ms', 'desc')
        .execute()
      return rows.map(toAppliance)
    },
    fleetOf: async (organizationId) => {
      const rows = await db
        .selectFrom('appliances')
        .innerJoin('locations', 'locations.id', 'appliances.location_id')
        .leftJoin('reported_configs', 'reported_configs.appliance_id', 'appliances.id')
        .selectAll('appliances')
        .select(['locations.name as location_name', 'reported_configs.report'])
        .select((eb) =>
          eb
            .selectFrom('desired_configs')
            .whereRef('desired_configs.appliance_id', '=', 'appliances.id')
            .select((newest) => newest.fn.max('desired_configs.version').as('version'))
            .as('desired_version'),
        )
        .where('appliances.location_id', 'in', (eb) =>
          eb.selectFrom('stakes').select('location_id').where('organization_id', '=', organizationId),
        )
        .orderBy('appliances.claimed_at_ms', 'desc')
        .execute()
      return rows.map(({ report, location_name, desired_version, ...row }) => {
        const reported = report === null ? undefined : reportedSchema.parse(JSON.parse(report))
        return {
          ...toAppliance(row),
          locationName: location_name,
          desiredVersion: desired_version === null ? null : Number(desired_version),
          reportedVersion: reported?.version ?? null,
          refusedCount: reported?.refused.length ?? 0,
        }
      })
    },
    find: async (applianceId) => {
      const appliance = await get(applianceId)
      return (
        appliance && {
          locationId: appliance.locationId,
          ...(appliance.revokedAtMs === undefined ? {} : { revokedAtMs: appliance.revokedAtMs }),
        }
      )
    },
    register: ({ applianceId, locationId, certificateNotAfterMs, certificatePem = null }) =>
      journal.write(async ({ trx, desired }) => {
        const present = await trx
          .selectFrom('appliances')
          .select('location_id')
          .where('id', '=', applianceId)
          .executeTakeFirst()
        if (present !== undefined && present.location_id !== locationId)
          throw new DirectoryError('conflict', `The appliance ${applianceId} stands at another Location.`)
        await trx
          .insertInto('appliances')
          .values({
            id: applianceId,
            location_id: locationId,
            claimed_at_ms: nowMs(),
            certificate_not_after_ms: certificateNotAfterMs,
            revoked_at_ms: null,
            certificate_pem: certificatePem,
            snmp_access: null,
          })
          .onConflict((conflict) =>
            conflict.column('id').doUpdateSet({
              certificate_not_after_ms: certificateNotAfterMs,
              ...(certificatePem === null ? {} : { certificate_pem: certificatePem }),
            }),
          )
          .execute()
        for (const id of await refreshDesired(trx, locationId, nowMs())) desired(id)
      }),
    renewed: (applianceId, certificateNotAfterMs, certificatePem) =>
      journal.write(async ({ trx }) => {
        await trx
          .updateTable('appliances')
          .set({
            certificate_not_after_ms: certificateNotAfterMs,
            ...(certificatePem === undefined ? {} : { certificate_pem: certificatePem }),
          })
          .where('id', '=', applianceId)
          .execute()
      }),
    revoke: (applianceId) =>
      journal.write(async ({ trx, revoked }) => {
        await trx
          .updateTable('appliances')
          .set({ revoked_at_ms: nowMs() })
          .where('id', '=', applianceId)
          .where('revoked_at_ms', 'is', null)
          .execute()
        revoked(applianceId)
      }),
    onRevoked: (listener) =>
      journal.onNews(({ revokedApplianceIds }) => {
        for (const applianceId of revokedApplianceIds) listener(applianceId)
      }),
  }
}

function toAppliance(row: ApplianceRow): Appliance {
  return {
    id: row.id,
    locationId: row.location_id,
    claimedAtMs: row.claimed_at_ms,
    certificateNotAfterMs: row.certificate_not_after_ms,
    ...(row.revoked_at_ms === null ? {} : { revokedAtMs: row.revoked_at_ms }),
  }
}
