import type { Trx } from '../db/open.ts'

/** Who stands behind an Issue: its owner Team, the Teams beside it, and their Organizations. */
export interface Parties {
  readonly ownerTeamId: string
  readonly collaboratorTeamIds: readonly string[]
}

/** A Team or Location that the copy of the directory does not hold (yet). The same request may succeed later. */
export class DirectoryBehindError extends Error {}

/**
 * Organization of each Team.
 * @throws DirectoryBehindError where the copy holds no such Team.
 */
export async function organizationsOfTeams(
  trx: Trx,
  teamIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await trx
    .selectFrom('teams')
    .select(['id', 'organization_id'])
    .where('id', 'in', [...teamIds])
    .where('is_removed', '=', 0)
    .execute()
  const organizationByTeam = new Map(rows.map((row) => [row.id, row.organization_id]))
  for (const teamId of teamIds) {
    if (organizationByTeam.has(teamId)) continue
    throw new DirectoryBehindError(
      `Team "${teamId}" is not in the helpdesk's copy of the directory; send the directory's changes, then this again.`,
    )
  }
  return organizationByTeam
}

/**
 * Writes who collaborates on an Issue, and which Organizations may see it; returns the owner's Organization.
 * @throws DirectoryBehindError where the copy lacks one of the Teams.
 */
export async function writeParties(trx: Trx, issueNumber: number, parties: Parties): Promise<string> {
  const { ownerTeamId } = parties
  const collaborators = withoutOwner(parties)
  const organizationByTeam = await organizationsOfTeams(trx, [ownerTeamId, ...collaborators])
  await trx.deleteFrom('issue_teams').where('issue_number', '=', issueNumber).execute()
  if (collaborators.length > 0) {
    const rows = collaborators.map((teamId) => ({ issue_number: issueNumber, team_id: teamId }))
    await trx.insertInto('issue_teams').values(rows).execute()
  }
  const ofUsers = await organizationsOfCollaboratingUsers(trx, issueNumber)
  await writeOrganizations(trx, issueNumber, new Set([...organizationByTeam.values(), ...ofUsers]))
  return organizationByTeam.get(ownerTeamId) ?? ''
}

/** The collaborating Teams, each once, the owner not among them. */
export function withoutOwner({ ownerTeamId, collaboratorTeamIds }: Parties): string[] {
  return [...new Set(collaboratorTeamIds)].filter((teamId) => teamId !== ownerTeamId)
}

/** A Team went to another Organization: its Issues go with it. */
export async function refreshOrganizationsOfTeam(trx: Trx, teamId: string): Promise<void> {
  const owned = await trx.selectFrom('issues').select('number').where('owner_team_id', '=', teamId).execute()
  const beside = await trx
    .selectFrom('issue_teams')
    .select('issue_number as number')
    .where('team_id', '=', teamId)
    .execute()
  for (const number of new Set([...owned, ...beside].map((row) => row.number))) {
    const owner = await trx
      .selectFrom('issues')
      .innerJoin('teams', 'teams.id', 'issues.owner_team_id')
      .select('teams.organization_id as id')
      .where('number', '=', number)
      .executeTakeFirst()
    const collaborators = await trx
      .selectFrom('issue_teams')
      .innerJoin('teams', 'teams.id', 'issue_teams.team_id')
      .select('teams.organization_id as id')
      .where('issue_number', '=', number)
      .execute()
    if (owner === undefined) continue
    await trx
      .updateTable('issues')
      .set({ owner_organization_id: owner.id })
      .where('number', '=', number)
      .execute()
    const ofUsers = await organizationsOfCollaboratingUsers(trx, number)
    await writeOrganizations(
      trx,
      number,
      new Set([owner.id, ...collaborators.map((row) => row.id), ...ofUsers]),
    )
  }
}

/** A collaborating User brings the own Organization along: it sees what that User works on. */
async function organizationsOfCollaboratingUsers(trx: Trx, issueNumber: number): Promise<string[]> {
  const rows = await trx
    .selectFrom('issue_users')
    .innerJoin('users', 'users.id', 'issue_users.user_id')
    .select('users.organization_id as id')
    .where('issue_number', '=', issueNumber)
    .where('users.is_removed', '=', 0)
    .execute()
  return rows.map((row) => row.id)
}

async function writeOrganizations(
  trx: Trx,
  issueNumber: number,
  organizationIds: ReadonlySet<string>,
): Promise<void> {
  await trx.deleteFrom('issue_organizations').where('issue_number', '=', issueNumber).execute()
  const rows = [...organizationIds].map((id) => ({ organization_id: id, issue_number: issueNumber }))
  await trx.insertInto('issue_organizations').values(rows).execute()
}
