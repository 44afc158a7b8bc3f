import type { Incident } from '@proactive/shared/http'
import { dedupKeySchema, incidentPageSchema, incidentSchema } from '@proactive/shared/http'
import type { ExpressionBuilder } from 'kysely'
import { z } from 'zod'
import type { Tables } from '../db/tables.ts'
import { access } from './access.ts'
import type { App, WebContext } from './context.ts'
import { actorOf } from './guard.ts'
import { notFound } from './problem.ts'

const hourMs = 60 * 60 * 1_000
const dayMs = 24 * hourMs
/** Locations named on one page; an outage of a provider may concern thousands. */
const mostNamed = 200

/**
 * One incident by its key. That of many Locations is for everybody with a stake in one of them: each sees the own Locations by name and of the
 * others no more than the sentence tells (ADR 070).
 */
export function registerIncidentRoutes(
  app: App,
  { database: { db }, directory: { places } }: WebContext,
): void {
  /** Locations of it in which the Organization has a stake, by name. */
  function concerned(incident: Incident, organizationId: string) {
    const { locationId, locationIds } = incident
    return db
      .selectFrom('locations')
      .innerJoin('stakes', 'stakes.location_id', 'locations.id')
      .select(['locations.id', 'locations.name', 'locations.time_zone as timeZone'])
      .distinct()
      .where('stakes.organization_id', '=', organizationId)
      .where((eb) => {
        const isNamed = eb('locations.id', 'in', [locationId, ...(locationIds ?? []).slice(0, mostNamed)])
        return locationIds === undefined ? isNamed : eb.or([isNamed, eb.exists(accountedFor(eb, incident))])
      })
      .orderBy('locations.name')
      .limit(mostNamed)
      .execute()
  }

  /** Incidents at the Location of the outer query that it accounted for: none opened much before it, none after its end. */
  function accountedFor(
    eb: ExpressionBuilder<Tables, 'locations'>,
    { key, startedAtMs, closedAtMs }: Incident,
  ) {
    const opened = eb
      .selectFrom('incidents')
      .select('incidents.key')
      .where('incidents.parent_key', '=', key)
      .whereRef('incidents.location_id', '=', 'locations.id')
      .where('incidents.opened_at_ms', '>=', startedAtMs - dayMs)
    return closedAtMs === undefined
      ? opened
      : opened.where('incidents.opened_at_ms', '<=', closedAtMs + hourMs)
  }

  app.get(
    '/api/incidents/:key',
    {
      config: { ...access({ role: 'viewer' }), rateLimit: { max: 120, timeWindow: 60_000 } },
      schema: {
        tags: ['faults'],
        summary: 'One incident, also that of many Locations',
        params: z.strictObject({ key: dedupKeySchema }),
        response: { 200: incidentPageSchema },
      },
    },
    async (request) => {
      const { key } = request.params
      const row = await db.selectFrom('incidents').select('report').where('key', '=', key).executeTakeFirst()
      const parsed = row && incidentSchema.safeParse(JSON.parse(row.report))
      if (!parsed?.success) throw notFound('incident')
      const incident = parsed.data
      const { organizationId } = actorOf(request)
      const locations = await concerned(incident, organizationId)
      if (locations.length === 0) throw notFound('incident')
      // Not by the list: it may be cut.
      const isReader = await places.hasStake(organizationId, incident.locationId)
      const { locationIds, locationId, affectedDeviceIds: _, diagnosis, reasons, ...told } = incident
      const isOfMany = locationIds !== undefined
      return {
        ...told,
        isOfMany,
        locations,
        // They are written for who may read the Location where its Issue is filed.
        ...(isReader ? { locationId, diagnosis, reasons } : {}),
      }
    },
  )
}
