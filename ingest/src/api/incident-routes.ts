import type { Incident } from '@proactive/shared/http'
import { dedupKeySchema, incidentPageSchema, incidentSchema } from '@proactive/shared/http'
import { z } from 'zod'
import { access } from './access.ts'
import type { App, WebContext } from './context.ts'
import { actorOf } from './guard.ts'
import { notFound } from './problem.ts'

const dayMs = 24 * 60 * 60 * 1_000
/** Locations named on one page; an outage of a provider may concern thousands. */
const mostNamed = 200

/**
 * One incident by its key. That of many Locations is for everybody with a stake in one of them: each sees the own Locations by name and of the
 * others no more than the sentence tells (ADR 070).
 */
export function registerIncidentRoutes(app: App, { database: { db } }: WebContext): void {
  /** Locations of it in which the Organization has a stake, by name. */
  function concerned({ key, locationId, locationIds = [], startedAtMs }: Incident, organizationId: string) {
    return db
      .selectFrom('locations')
      .innerJoin('stakes', 'stakes.location_id', 'locations.id')
      .select(['locations.id', 'locations.name', 'locations.time_zone as timeZone'])
      .distinct()
      .where('stakes.organization_id', '=', organizationId)
      .where((eb) =>
        eb.or([
          eb('locations.id', 'in', [locationId, ...locationIds.slice(0, mostNamed)]),
          eb.exists(
            eb
              .selectFrom('incidents')
              .select('incidents.key')
              .whereRef('incidents.location_id', '=', 'locations.id')
              .where('incidents.opened_at_ms', '>=', startedAtMs - dayMs)
              // A key holds no wildcard.
              .where('incidents.report', 'like', `%"parentKey":"${key}"%`),
          ),
        ]),
      )
      .orderBy('locations.name')
      .limit(mostNamed)
      .execute()
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
      const locations = await concerned(incident, actorOf(request).organizationId)
      if (locations.length === 0) throw notFound('incident')
      const isReader = locations.some(({ id }) => id === incident.locationId)
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
