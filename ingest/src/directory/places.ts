import type { Customer, Location, LocationHours, Stake } from '@proactive/shared/http'
import { calendarSchema, stakeSchema } from '@proactive/shared/http'
import type { Database } from '../db/database.ts'
import { DirectoryError, found } from './errors.ts'
import type { DirectoryJournal } from './journal.ts'
import type { LocationRow } from './tables.ts'

/** Customers, their Locations, and who has a stake in them. */
export interface Places {
  /** Answers the Customer of that number, made now where it lacks: many may ask at once, one is made. */
  ensureCustomer(customer: Customer): Promise<Customer>
  customer(id: string): Promise<Customer | undefined>
  putLocation(location: Location, options?: { hasBackupUplink?: boolean }): Promise<void>
  location(id: string): Promise<Location | undefined>
  /** Whether its appliance has a second way out, as somebody said. */
  hasBackupUplink(id: string): Promise<boolean>
  /** Opening hours and the clock they are meant on; the rest of the Location stays. @throws DirectoryError where there is none, or no such time zone. */
  setHours(locationId: string, hours: LocationHours): Promise<void>
  putStake(stake: Stake): Promise<void>
  removeStake(stake: Stake): Promise<void>
  stakes(locationId: string): Promise<Stake[]>
  /** Locations whose network data the Organization may see (ADR 011). */
  locationIdsOf(organizationId: string): Promise<string[]>
  hasStake(organizationId: string, locationId: string): Promise<boolean>
}

export interface PlacesDependencies {
  readonly database: Database
  readonly journal: DirectoryJournal
}

export function createPlaces({ database: { db }, journal }: PlacesDependencies): Places {
  return {
    ensureCustomer: (customer) =>
      journal.write(async ({ trx, record }) => {
        const made = await trx
          .insertInto('customers')
          .values(customer)
          .onConflict((conflict) => conflict.column('number').doNothing())
          .returning(['id', 'name', 'number'])
          .executeTakeFirst()
        if (made !== undefined) {
          await record({ type: 'customer', value: made })
          return made
        }
        return trx
          .selectFrom('customers')
          .select(['id', 'name', 'number'])
          .where('number', '=', customer.number)
          .executeTakeFirstOrThrow()
      }),
    customer: (id) =>
      db.selectFrom('customers').select(['id', 'name', 'number']).where('id', '=', id).executeTakeFirst(),
    putLocation: (location, options) =>
      journal.write(async ({ trx, record, configured }) => {
        refuseUnknownTimeZone(location.timeZone)
        found(
          await trx
            .selectFrom('customers')
            .select('id')
            .where('id', '=', location.customerId)
            .executeTakeFirst(),
          'Customer',
        )
        const row = {
          customer_id: location.customerId,
          name: location.name,
          address: location.address ?? null,
          time_zone: location.timeZone,
          latitude: location.latitude ?? null,
          longitude: location.longitude ?? null,
          calendar: JSON.stringify(location.calendar),
        }
        const uplink =
          options?.hasBackupUplink === undefined ? {} : { has_backup_uplink: Number(options.hasBackupUplink) }
        await trx
          .insertInto('locations')
          .values({
            id: location.id,
            has_backup_uplink: 0,
            config_version: 0,
            config_appended_version: 0,
            ...row,
            ...uplink,
          })
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ ...row, ...uplink }))
          .execute()
        await configured(location.id)
        await record({ type: 'location', value: location })
      }),
    location: async (id) => {
      const row = await db.selectFrom('locations').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toLocation(row)
    },
    setHours: (locationId, { timeZone, calendar }) =>
      journal.write(async ({ trx, record, configured }) => {
        refuseUnknownTimeZone(timeZone)
        const row = await trx
          .updateTable('locations')
          .set({ time_zone: timeZone, calendar: JSON.stringify(calendar) })
          .where('id', '=', locationId)
          .returningAll()
          .executeTakeFirst()
        const location = toLocation(found(row, 'Location'))
        await configured(locationId)
        await record({ type: 'location', value: location })
      }),
    hasBackupUplink: async (id) => {
      const row = await db
        .selectFrom('locations')
        .select('has_backup_uplink')
        .where('id', '=', id)
        .executeTakeFirst()
      return row?.has_backup_uplink === 1
    },
    putStake: (stake) =>
      journal.write(async ({ trx, record }) => {
        found(
          await trx
            .selectFrom('locations')
            .select('id')
            .where('id', '=', stake.locationId)
            .executeTakeFirst(),
          'Location',
        )
        found(
          await trx
            .selectFrom('organizations')
            .select('id')
            .where('id', '=', stake.organizationId)
            .executeTakeFirst(),
          'Organization',
        )
        await trx
          .insertInto('stakes')
          .values({ location_id: stake.locationId, organization_id: stake.organizationId, kind: stake.kind })
          .onConflict((conflict) => conflict.columns(['location_id', 'organization_id', 'kind']).doNothing())
          .execute()
        await record({ type: 'stake', value: stake })
      }),
    removeStake: ({ locationId, organizationId, kind }) =>
      journal.write(async ({ trx, record }) => {
        await trx
          .deleteFrom('stakes')
          .where('location_id', '=', locationId)
          .where('organization_id', '=', organizationId)
          .where('kind', '=', kind)
          .execute()
        await record({
          type: 'removed',
          value: { entity: 'stake', id: `${locationId}/${organizationId}/${kind}` },
        })
      }),
    stakes: async (locationId) => {
      const rows = await db
        .selectFrom('stakes')
        .selectAll()
        .where('location_id', '=', locationId)
        .orderBy('organization_id')
        .orderBy('kind')
        .execute()
      return rows.map((row) =>
        stakeSchema.parse({ locationId, organizationId: row.organization_id, kind: row.kind }),
      )
    },
    locationIdsOf: async (organizationId) => {
      const rows = await db
        .selectFrom('stakes')
        .select('location_id')
        .distinct()
        .where('organization_id', '=', organizationId)
        .execute()
      return rows.map((row) => row.location_id)
    },
    hasStake: async (organizationId, locationId) => {
      const row = await db
        .selectFrom('stakes')
        .select('location_id')
        .where('organization_id', '=', organizationId)
        .where('location_id', '=', locationId)
        .limit(1)
        .executeTakeFirst()
      return row !== undefined
    },
  }
}

/** The Location of a stored row. */
export function toLocation(row: LocationRow): Location {
  return {
    id: row.id,
    customerId: row.customer_id,
    name: row.name,
    ...(row.address === null ? {} : { address: row.address }),
    timeZone: row.time_zone,
    ...(row.latitude === null ? {} : { latitude: row.latitude }),
    ...(row.longitude === null ? {} : { longitude: row.longitude }),
    calendar: calendarSchema.parse(JSON.parse(row.calendar)),
  }
}

function refuseUnknownTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    throw new DirectoryError(
      'conflict',
      `"${timeZone}" is no time zone: use an IANA name such as Europe/Berlin.`,
    )
  }
}
