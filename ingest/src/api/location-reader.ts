import type { DeviceState, Incident, LocationDetail, LocationSummary, Product } from '@proactive/shared/http'
import { healthStates, incidentSchema } from '@proactive/shared/http'
import type { Database } from '../db/database.ts'
import type { Directory } from '../directory/directory.ts'
import { proposeProduct } from '../directory/propose-product.ts'
import type { DeviceConfirmationRow } from '../directory/tables.ts'
import type { DeviceView, LocationView } from '../faults/model.ts'
import { tellCutOff } from './asleep-or-cut-off.ts'
import type { Heard } from './heard.ts'
import type { TelemetryReader } from './ports.ts'
import { parseSummary, parseView, unseen } from './stored-view.ts'
import { standingStates } from './tables.ts'

const shownClosedMs = 7 * 24 * 60 * 60 * 1_000
const maxIncidents = 200
const telemetryTimeoutMs = 2_000

/** Locations as people see them: directory, the fault core's view, incidents and newest telemetry put together. */
export interface LocationReader {
  /** All the Organization has a stake in, worst first. */
  list(organizationId: string): Promise<LocationSummary[]>
  summary(locationId: string): Promise<LocationSummary | undefined>
  detail(locationId: string): Promise<LocationDetail | undefined>
  devices(locationId: string): Promise<DeviceState[]>
}

export interface LocationReaderDependencies {
  readonly database: Database
  readonly directory: Directory
  readonly telemetry: Pick<TelemetryReader, 'latest'>
  readonly heard: Pick<Heard, 'since'>
  readonly nowMs: () => number
  /** Telemetry could not be read; the Location is shown without it. */
  readonly onTelemetryFailure: (err: unknown, locationId: string) => void
}

export function createLocationReader(dependencies: LocationReaderDependencies): LocationReader {
  const {
    database: { db },
    directory,
    heard,
    nowMs,
  } = dependencies

  const selectSummaries = () =>
    db
      .selectFrom('locations')
      .innerJoin('customers', 'customers.id', 'locations.customer_id')
      .leftJoin('location_views', 'location_views.location_id', 'locations.id')
      .select([
        'locations.id',
        'locations.name',
        'locations.time_zone',
        'locations.latitude',
        'locations.longitude',
        'customers.name as customer_name',
        'location_views.summary',
      ])
      .select((eb) =>
        eb
          .selectFrom('incidents')
          .whereRef('incidents.location_id', '=', 'locations.id')
          .where('incidents.state', 'in', standingStates)
          .select((count) => count.fn.countAll<number>().as('count'))
          .as('open_incidents'),
      )

  async function summary(locationId: string): Promise<LocationSummary | undefined> {
    const row = await selectSummaries().where('locations.id', '=', locationId).executeTakeFirst()
    return row && toSummary(row, heard)
  }

  async function viewOf(locationId: string): Promise<LocationView | undefined> {
    const row = await db
      .selectFrom('location_views')
      .select('view')
      .where('location_id', '=', locationId)
      .executeTakeFirst()
    return row && parseView(row.view)
  }

  /** What stands, and with the room that is left what ended lately; the newest first. */
  async function incidents(locationId: string): Promise<Incident[]> {
    const select = () =>
      db.selectFrom('incidents').select(['report', 'opened_at_ms']).where('location_id', '=', locationId)
    const standing = await select()
      .where('state', 'in', standingStates)
      .orderBy('opened_at_ms', 'desc')
      .limit(maxIncidents)
      .execute()
    const ended = await select()
      .where('closed_at_ms', '>=', nowMs() - shownClosedMs)
      .orderBy('closed_at_ms', 'desc')
      .limit(maxIncidents - standing.length)
      .execute()
    const rows = [...standing, ...ended].sort((a, b) => b.opened_at_ms - a.opened_at_ms)
    return rows.flatMap((row) => {
      const incident = incidentSchema.safeParse(JSON.parse(row.report))
      return incident.success ? [incident.data] : []
    })
  }

  async function deviceStates(locationId: string, view: LocationView | undefined): Promise<DeviceState[]> {
    if (view === undefined) return []
    const [confirmations, products, telemetry] = await Promise.all([
      directory.products.confirmations(locationId),
      directory.products.list(locationId),
      latestByDevice(dependencies, locationId),
    ])
    return tellCutOff(view.devices).map((device) => {
      const confirmation = confirmations.get(device.device.id)
      return toDeviceState(device, confirmation, products, telemetry.get(device.device.id))
    })
  }

  return {
    list: async (organizationId) => {
      const rows = await selectSummaries()
        .where('locations.id', 'in', (eb) =>
          eb.selectFrom('stakes').select('location_id').where('organization_id', '=', organizationId),
        )
        .execute()
      return rows.map((row) => toSummary(row, heard)).sort(worstFirst)
    },
    summary,
    devices: async (locationId) => deviceStates(locationId, await viewOf(locationId)),
    detail: async (locationId) => {
      const [location, head, view] = await Promise.all([
        directory.places.location(locationId),
        summary(locationId),
        viewOf(locationId),
      ])
      if (location === undefined || head === undefined) return undefined
      const [customer, devices, incidentsNow, responsibilities] = await Promise.all([
        directory.places.customer(location.customerId),
        deviceStates(locationId, view),
        incidents(locationId),
        directory.routing.responsibilities(locationId),
      ])
      if (customer === undefined) return undefined
      return {
        summary: head,
        customer,
        ...(location.address === undefined ? {} : { address: location.address }),
        calendar: location.calendar,
        applianceId: view?.applianceId ?? null,
        agentVersion: view?.agentVersion ?? null,
        ...(view?.hardware === undefined ? {} : { hardware: view.hardware }),
        clock: view?.clock ?? null,
        uplinks: [...(view?.uplinks ?? [])],
        targets: [...(view?.targets ?? [])],
        devices,
        incidents: incidentsNow,
        responsibilities,
      }
    },
  }
}

interface SummaryRow {
  id: string
  name: string
  time_zone: string
  latitude: number | null
  longitude: number | null
  customer_name: string
  summary: string | null
  open_incidents: number | null
}

function toSummary(row: SummaryRow, heard: Pick<Heard, 'since'>): LocationSummary {
  const seen = row.summary === null ? unseen : parseSummary(row.summary)
  return {
    id: row.id,
    name: row.name,
    customerName: row.customer_name,
    timeZone: row.time_zone,
    ...(row.latitude === null ? {} : { latitude: row.latitude }),
    ...(row.longitude === null ? {} : { longitude: row.longitude }),
    ...seen,
    lastSeenMs: heard.since(row.id, seen.lastSeenMs),
    openIncidentCount: Number(row.open_incidents ?? 0),
  }
}

/** Worst health first; of the same, the one that is so for longest; then by name. */
function worstFirst(a: LocationSummary, b: LocationSummary): number {
  return (
    healthStates.indexOf(a.verdict.health) - healthStates.indexOf(b.verdict.health) ||
    (a.verdict.sinceMs ?? Infinity) - (b.verdict.sinceMs ?? Infinity) ||
    a.name.localeCompare(b.name)
  )
}

interface LatestSample {
  readonly rttP50Ms: number | null
  readonly lossRatio: number | null
  readonly atMs: number
}

/** Newest samples by device id; a slow or absent store costs 2 s at most and the numbers, never the page. */
async function latestByDevice(
  { telemetry, onTelemetryFailure }: LocationReaderDependencies,
  locationId: string,
): Promise<ReadonlyMap<string, LatestSample>> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the metric store did not answer in time')), telemetryTimeoutMs)
  })
  try {
    const points = await Promise.race([telemetry.latest(locationId), tooLate])
    return new Map(
      points
        .filter((point) => point.family === 'device')
        .map(({ subjectId, fields, atMs }) => [
          subjectId,
          { rttP50Ms: fields.get('rttP50Ms') ?? null, lossRatio: fields.get('lossRatio') ?? null, atMs },
        ]),
    )
  } catch (err) {
    onTelemetryFailure(err, locationId)
    return new Map()
  } finally {
    clearTimeout(timer)
  }
}

/** What a person confirmed outranks what the agent tells, also before the agent has heard of it. */
function toDeviceState(
  { device, health, sinceMs, explainedBy, notice, payability }: DeviceView,
  confirmation: DeviceConfirmationRow | undefined,
  products: readonly Product[],
  sample: LatestSample | undefined,
): DeviceState {
  const known = {
    ...device,
    ...(confirmation?.role == null ? {} : { role: confirmation.role as typeof device.role }),
    ...(confirmation?.name == null ? {} : { name: confirmation.name }),
    ...(confirmation?.vendor == null ? {} : { vendor: confirmation.vendor }),
    ...(confirmation?.model == null ? {} : { model: confirmation.model }),
    ...(confirmation?.is_sleeper == null ? {} : { isSleeper: confirmation.is_sleeper === 1 }),
  }
  const confirmed = products.find((product) => product.id === confirmation?.product_id)
  const product =
    confirmation?.is_product_confirmed === 1
      ? confirmed && { productId: confirmed.id, name: confirmed.name }
      : proposeProduct(products, known)
  return {
    device: known,
    health,
    sinceMs,
    ...(explainedBy === undefined ? {} : { explainedBy }),
    ...(notice === undefined ? {} : { notice }),
    ...(payability === undefined ? {} : { payability }),
    ...(confirmation?.is_retired === 1 ? { isRetired: true } : {}),
    ...(product === undefined ? {} : { productId: product.productId, productName: product.name }),
    rttP50Ms: sample?.rttP50Ms ?? null,
    lossRatio: sample?.lossRatio ?? null,
    lastSampleMs: sample?.atMs ?? null,
  }
}
