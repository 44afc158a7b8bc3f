import { type Severity, severities } from '@proactive/shared'
import {
  type DeskStanding,
  type Incident,
  incidentSchema,
  type MerchantHelp,
  type MerchantPage,
} from '@proactive/shared/http'
import type { LocationReader } from '../api/location-reader.ts'
import { standingStates } from '../api/tables.ts'
import type { Database } from '../db/database.ts'
import type { Directory } from '../directory/directory.ts'
import type { MerchantDesk } from './desk.ts'
import type { MerchantLinks, OpenLink } from './links.ts'

export interface MerchantPageDependencies {
  readonly database: Database
  readonly directory: Directory
  readonly reader: Pick<LocationReader, 'summary'>
  readonly links: Pick<MerchantLinks, 'reportsLeft'>
  /** Undefined = the helpdesk is a foreign one, which takes no words from here. */
  readonly desk: MerchantDesk | undefined
  readonly nowMs: () => number
  /** The desk did not say who works on it; the page is shown without. */
  readonly onDeskFailure: (err: unknown, locationId: string) => void
}

/** What the holder of a link sees now; undefined where the Location is gone. */
export async function readMerchantPage(
  dependencies: MerchantPageDependencies,
  link: OpenLink,
): Promise<MerchantPage | undefined> {
  const { reader, links, desk, directory, nowMs, onDeskFailure } = dependencies
  const summary = await reader.summary(link.locationId)
  if (summary === undefined) return undefined
  const incident = await worstIncident(dependencies.database, link.locationId)
  const scope = { locationId: link.locationId, organizationId: link.organizationId, linkId: link.id }
  const standing = await desk?.standing(scope).catch((err: unknown) => {
    onDeskFailure(err, link.locationId)
    return undefined
  })
  const teamId = desk && (await firstTeam(directory, link.locationId, link.organizationId))
  return {
    locationName: summary.name,
    timeZone: summary.timeZone,
    payability: summary.payability,
    fault:
      incident === undefined ? null : { faultClass: incident.faultClass, startedAtMs: incident.startedAtMs },
    lastSeenMs: summary.lastSeenMs,
    isWatched: summary.isOnline,
    help: standing === undefined ? null : helpOf(standing, incident?.key),
    messages: standing?.messages ?? [],
    canReport: teamId !== undefined,
    reportsLeft: await links.reportsLeft(link.id),
    nowMs: nowMs(),
    expiresAtMs: link.expiresAtMs,
  }
}

/** Who works on the fault that is shown; without one, who works on what this link reported. */
function helpOf({ issues }: DeskStanding, key: string | undefined): MerchantHelp | null {
  const about = issues.find((issue) => key !== undefined && issue.key === key)
  const issue = about ?? issues.find(({ isOfLink }) => isOfLink)
  if (issue === undefined) return null
  const { organizationName, claimedAtMs, openedAtMs } = issue
  return {
    state: claimedAtMs === undefined ? 'told' : 'working',
    sinceMs: claimedAtMs ?? openedAtMs,
    ...(organizationName === undefined ? {} : { organizationName }),
  }
}

/** The open incident that hurts most, of the same the oldest. */
async function worstIncident({ db }: Database, locationId: string): Promise<Incident | undefined> {
  const rows = await db
    .selectFrom('incidents')
    .select('report')
    .where('location_id', '=', locationId)
    .where('state', 'in', standingStates)
    .orderBy('opened_at_ms')
    .limit(50)
    .execute()
  const open = rows.flatMap((row) => {
    const incident = incidentSchema.safeParse(JSON.parse(row.report))
    return incident.success ? [incident.data] : []
  })
  const weight = (severity: Severity) => severities.indexOf(severity)
  return open.sort((a, b) => weight(b.severity) - weight(a.severity) || a.startedAtMs - b.startedAtMs)[0]
}

/** Where a report of this Organization's link begins: its Team for everything else, else any that answers here, else its first line. */
export async function firstTeam(
  { routing, people }: Directory,
  locationId: string,
  organizationId: string,
): Promise<string | undefined> {
  const rules = (await routing.rules(locationId)).filter((rule) => rule.organizationId === organizationId)
  const rule = rules.find(({ productId, role }) => productId === undefined && role === undefined) ?? rules[0]
  if (rule !== undefined) return rule.teamId
  const teams = (await people.teams()).filter((team) => team.organizationId === organizationId)
  return (teams.find(({ line }) => line === 1) ?? teams[0])?.id
}
