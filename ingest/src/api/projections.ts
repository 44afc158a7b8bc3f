import { type Incident, incidentSchema } from '@proactive/shared/http'
import type { Database, Trx } from '../db/database.ts'
import type { IncidentReport, LocationView } from '../faults/model.ts'
import { parseView, summaryOf } from './stored-view.ts'
import { tellCutOff } from './asleep-or-cut-off.ts'
import type { Heard } from './heard.ts'
import type { LiveFeed } from './live-feed.ts'
import type { LocationReader } from './location-reader.ts'

/** Turns the fault core's effects into the rows that people read, and tells the live feed. */
export interface Projections {
  /** Stores the view and announces it. Harmless when repeated. */
  projectView(view: LocationView): Promise<void>
  /**
   * Stores the incident within the caller's transaction, where its outbox row is written too; a closed one is never opened again by a repeat.
   * Call {@link announceIncident} after the commit.
   */
  projectIncident(trx: Trx, report: IncidentReport): Promise<void>
  announceIncident(report: IncidentReport): void
  /** A Location looks different than before, for a reason outside the fault core. */
  announceLocation(locationId: string, deviceIds: readonly string[]): void
  /** Newest points of the Location are in the store; the message that they came with was taken at `receivedAtMs`. */
  announceTelemetry(locationId: string, atMs: number, receivedAtMs: number): void
  /** Resolves when everything announced so far was published. */
  settled(): Promise<void>
}

export interface ProjectionsDependencies {
  readonly database: Database
  readonly reader: LocationReader
  readonly feed: LiveFeed
  readonly heard: Pick<Heard, 'hear'>
  readonly nowMs: () => number
  /** Told of each view as it is stored, in its transaction; `before` is what was stored until now. A rejection leaves all as it was. */
  readonly followView: (trx: Trx, before: LocationView | undefined, view: LocationView) => Promise<void>
  readonly onFailure: (err: unknown, locationId: string) => void
}

export function createProjections(dependencies: ProjectionsDependencies): Projections {
  const { database, reader, feed, heard, nowMs, followView, onFailure } = dependencies
  /** Devices to announce by Location: many changes of a Location in a row become one answer. */
  const dirty = new Map<string, Set<string>>()
  let draining: Promise<void> | undefined

  function announceLocation(locationId: string, deviceIds: readonly string[]): void {
    const devices = dirty.get(locationId) ?? new Set()
    for (const deviceId of deviceIds) devices.add(deviceId)
    dirty.set(locationId, devices)
    draining ??= drain().finally(() => {
      draining = undefined
    })
  }

  async function drain(): Promise<void> {
    for (;;) {
      const next = dirty.entries().next()
      if (next.done) return
      const [locationId, deviceIds] = next.value
      dirty.delete(locationId)
      try {
        await publish(locationId, deviceIds)
      } catch (err) {
        onFailure(err, locationId)
      }
    }
  }

  async function publish(locationId: string, deviceIds: ReadonlySet<string>): Promise<void> {
    const summary = await reader.summary(locationId)
    if (summary !== undefined) feed.publish({ type: 'location', summary })
    if (deviceIds.size === 0) return
    for (const state of await reader.devices(locationId))
      if (deviceIds.has(state.device.id)) feed.publish({ type: 'device', locationId, state })
  }

  return {
    projectView: async (told) => {
      const changed = await database.db.transaction().execute(async (trx) => {
        const row = await trx
          .selectFrom('location_views')
          .select('view')
          .where('location_id', '=', told.locationId)
          .executeTakeFirst()
        const before = row && parseView(row.view)
        const view = withEvidence(told, before)
        await followView(trx, before, view)
        const text = JSON.stringify(view)
        if (row?.view === text) return undefined
        const stored = { summary: JSON.stringify(summaryOf(view)), view: text, updated_at_ms: nowMs() }
        await trx
          .insertInto('location_views')
          .values({ location_id: view.locationId, ...stored })
          .onConflict((conflict) => conflict.column('location_id').doUpdateSet(stored))
          .execute()
        return changedDevices(before, view)
      })
      if (changed !== undefined) announceLocation(told.locationId, changed)
    },
    projectIncident: async (trx, report) => {
      const row = {
        location_id: report.locationId,
        state: report.state,
        opened_at_ms: report.openedAtMs,
        closed_at_ms: report.closedAtMs ?? null,
        parent_key: report.parentKey ?? null,
        report: JSON.stringify(report),
      }
      await trx
        .insertInto('incidents')
        .values({ key: report.key, ...row })
        .onConflict((conflict) => {
          const update = conflict.column('key').doUpdateSet(row)
          return report.state === 'closed' ? update : update.where('incidents.state', '!=', 'closed')
        })
        .execute()
    },
    announceIncident: (report) => {
      feed.publish({ type: 'incident', incident: toIncident(report) })
      announceLocation(report.locationId, [])
    },
    announceLocation,
    announceTelemetry: (locationId, atMs, receivedAtMs) => {
      heard.hear(locationId, receivedAtMs)
      feed.publish({ type: 'telemetry', locationId, atMs })
    },
    settled: async () => {
      await draining
    },
  }
}

/** The incident as shown: what only the routing needs is left out. */
function toIncident(report: IncidentReport): Incident {
  return incidentSchema.parse(report)
}

/** Only the view after a birth tells what devices were recognised by; in between, what is known of it stays. */
function withEvidence(view: LocationView, before: LocationView | undefined): LocationView {
  if (view.hasEvidence || before === undefined) return view
  const known = new Map(before.devices.map(({ device }) => [device.id, device.evidence]))
  const devices = view.devices.map((each) => {
    const evidence = known.get(each.device.id) ?? each.device.evidence
    return { ...each, device: { ...each.device, evidence } }
  })
  return { ...view, hasEvidence: before.hasEvidence ?? false, devices }
}

/** Whose state reads otherwise than before; also by what happened to another device. */
function changedDevices(before: LocationView | undefined, view: LocationView): string[] {
  const known = tellCutOff(before?.devices ?? [])
  const textById = new Map(known.map((each) => [each.device.id, JSON.stringify(each)]))
  return tellCutOff(view.devices)
    .filter((each) => textById.get(each.device.id) !== JSON.stringify(each))
    .map((each) => each.device.id)
}
