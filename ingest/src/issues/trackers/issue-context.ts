import { openIssueSchema } from '@proactive/shared/http'
import type { Db } from '../../db/database.ts'
import type { Directory } from '../../directory/index.ts'
import type { IssueTables } from '../tables.ts'
import type { IssueContext } from './tracker.ts'

export interface IssueContextDependencies {
  readonly db: Db
  readonly directory: Pick<Directory, 'people' | 'places'>
}

/** What was told under a key, with the directory's names: the part of an Issue that a foreign tracker does not keep in our words. */
export function createIssueContext({ db, directory }: IssueContextDependencies): IssueContext {
  const keys = db.withTables<IssueTables>()
  return {
    async issueOf(key, ticket) {
      const row = await keys.selectFrom('issue_keys').select('told').where('key', '=', key).executeTakeFirst()
      if (row === undefined) return undefined
      const told = openIssueSchema.parse(JSON.parse(row.told))
      const location = await directory.places.location(told.locationId)
      const customer =
        location === undefined ? undefined : await directory.places.customer(location.customerId)
      const teamId = ticket.teamId ?? told.ownerTeamId
      const team = (await directory.people.teams()).find((candidate) => candidate.id === teamId)
      return {
        key,
        name: told.name,
        source: 'proactive',
        customerId: customer?.id ?? 'unknown',
        customerName: customer?.name ?? '',
        customerNumber: customer?.number ?? '',
        locationId: told.locationId,
        locationName: location?.name ?? told.locationId,
        ownerTeamId: teamId,
        ownerTeamName: team?.name ?? teamId,
        ownerOrganizationId: team?.organizationId ?? 'unknown',
        collaboratorTeamIds: told.collaboratorTeamIds.filter((id) => id !== teamId),
        product: told.product,
        severity: told.severity,
        categories: told.categories,
        symptoms: told.symptoms,
        diagnosis: told.diagnosis,
        resolutionText: '',
        articleUrls: told.articleUrls,
        proactive: told.proactive,
      }
    },
  }
}
