import type { LiveEvent } from '@proactive/shared/http'
import type { Directory } from '../directory/directory.ts'

/** What one Organization may see of the live feed. */
export interface Sight {
  readonly organizationId: string
  readonly locationIds: ReadonlySet<string>
  readonly teamIds: ReadonlySet<string>
  readonly userIds: ReadonlySet<string>
}

/** Network data by stake; Issues for the owner's and the collaborators' Organizations only (ADR 011). */
export function maySee(sight: Sight, event: LiveEvent): boolean {
  switch (event.type) {
    case 'location':
      return sight.locationIds.has(event.summary.id)
    case 'device':
    case 'telemetry':
      return sight.locationIds.has(event.locationId)
    case 'incident':
      return sight.locationIds.has(event.incident.locationId)
    case 'issue':
      return (
        event.issue.ownerOrganizationId === sight.organizationId ||
        event.issue.collaboratorTeamIds.some((teamId) => sight.teamIds.has(teamId)) ||
        (event.issue.collaboratorUserIds ?? []).some((userId) => sight.userIds.has(userId))
      )
    case 'resync':
      return true
  }
}

/** The Location an event is about, for those who look at one only. */
export function locationOf(event: LiveEvent): string | undefined {
  switch (event.type) {
    case 'location':
      return event.summary.id
    case 'device':
    case 'telemetry':
      return event.locationId
    case 'incident':
      return event.incident.locationId
    case 'issue':
      return event.issue.locationId
    case 'resync':
      return undefined
  }
}

/** What an Organization may see now; read again when the directory changes. */
export async function loadSight(directory: Directory, organizationId: string): Promise<Sight> {
  const [locationIds, teams, users] = await Promise.all([
    directory.places.locationIdsOf(organizationId),
    directory.people.teams(),
    directory.people.users(organizationId),
  ])
  const own = teams.filter((team) => team.organizationId === organizationId)
  return {
    organizationId,
    locationIds: new Set(locationIds),
    teamIds: new Set(own.map((team) => team.id)),
    userIds: new Set(users.map((user) => user.id)),
  }
}
