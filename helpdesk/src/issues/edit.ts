import type { assignIssueSchema, EditIssue, setCollaboratorsSchema } from '@proactive/shared/http'
import type { z } from 'zod'
import type { UserActor } from '../access/actor.ts'
import type { Trx } from '../db/open.ts'
import type { Conflict } from './desk-operations.ts'
import { writeParties } from './parties.ts'
import type { FoundIssue } from './read.ts'
import { findTeam, findUser, hasStake } from './stakes.ts'
import { addEntry, changeIssue, type IssueChange } from './write.ts'

interface Scene {
  readonly actor: UserActor
  readonly nowMs: number
}

/** What a refusal says; the second part is the sentence. */
export function refuse(conflict: Conflict['conflict'], sentence: string): Conflict {
  return { conflict, sentence }
}

/** The Issue Edit section: name, categories, product, texts. Only what differs is written, and each change is in the trail. */
export async function editIssue(
  trx: Trx,
  found: FoundIssue,
  edit: EditIssue,
  { actor, nowMs }: Scene,
): Promise<FoundIssue | Conflict> {
  const { issue } = found
  if (edit.product?.kind === 'listed') {
    const product = await findProduct(trx, issue.locationId, edit.product.productId)
    if (product === undefined)
      return refuse(
        'not-at-location',
        'This product is not of the Issue’s Location: choose one of the list, or Not listed.',
      )
    edit = { ...edit, product: { kind: 'listed', productId: product.id, name: product.name } }
  }
  const columns: IssueChange = {
    ...(edit.name === undefined || edit.name === issue.name ? {} : { name: edit.name }),
    ...(edit.severity === undefined || edit.severity === issue.severity ? {} : { severity: edit.severity }),
    ...(edit.symptoms === undefined || edit.symptoms === issue.symptoms ? {} : { symptoms: edit.symptoms }),
    ...(edit.diagnosis === undefined || edit.diagnosis === issue.diagnosis
      ? {}
      : { diagnosis: edit.diagnosis }),
    ...(edit.resolutionText === undefined || edit.resolutionText === issue.resolutionText
      ? {}
      : { resolution_text: edit.resolutionText }),
    ...(edit.categories === undefined || isSame(edit.categories, issue.categories)
      ? {}
      : { categories_json: JSON.stringify([...new Set(edit.categories)]) }),
    ...(edit.product === undefined || isSame(edit.product, issue.product)
      ? {}
      : { product_json: JSON.stringify(edit.product) }),
  }
  if (Object.keys(columns).length === 0) return found
  return changeIssue(trx, found, nowMs, { ...columns, is_touched: 1 }, { actor, action: 'edit' })
}

/** The dropdown of the Product field: what is known at the Location. */
export async function productsOfLocation(db: Pick<Trx, 'selectFrom'>, locationId: string) {
  return db
    .selectFrom('products')
    .select(['id', 'name', 'role'])
    .where('location_id', '=', locationId)
    .where('is_removed', '=', 0)
    .orderBy('name')
    .orderBy('id')
    .limit(500)
    .execute()
}

async function findProduct(trx: Trx, locationId: string, productId: string) {
  return (await productsOfLocation(trx, locationId)).find((product) => product.id === productId)
}

/** Sets who collaborates; owners of other Organizations come in only where they have a stake in the Location. */
export async function setCollaborators(
  trx: Trx,
  found: FoundIssue,
  { teamIds, userIds }: z.infer<typeof setCollaboratorsSchema>,
  { actor, nowMs }: Scene,
): Promise<FoundIssue | Conflict> {
  const { issue } = found
  const organizationIds = new Set<string>()
  for (const teamId of teamIds) {
    const team = await findTeam(trx, teamId)
    if (team === undefined) return refuse('unknown-team', `There is no Team ${teamId}.`)
    organizationIds.add(team.organizationId)
  }
  for (const userId of userIds) {
    const user = await findUser(trx, userId)
    if (user === undefined) return refuse('unknown-user', `There is no User ${userId}.`)
    organizationIds.add(user.organizationId)
  }
  for (const organizationId of organizationIds) {
    const isNear =
      organizationId === issue.ownerOrganizationId ||
      found.organizationIds.includes(organizationId) ||
      (await hasStake(trx, organizationId, issue.locationId))
    if (!isNear)
      return refuse('no-stake', 'An Organization without a stake in the Location cannot collaborate on it.')
  }
  await trx.deleteFrom('issue_users').where('issue_number', '=', found.number).execute()
  const users = [...new Set(userIds)].filter((userId) => userId !== issue.ownerUserId)
  if (users.length > 0) {
    const rows = users.map((userId) => ({ issue_number: found.number, user_id: userId }))
    await trx.insertInto('issue_users').values(rows).execute()
  }
  await writeParties(trx, found.number, { ownerTeamId: issue.ownerTeamId, collaboratorTeamIds: teamIds })
  const details = { teamIds, userIds: users }
  return changeIssue(trx, found, nowMs, { is_touched: 1 }, { actor, action: 'collaborators', details })
}

/** Another Team or User of the own Organization; without a User the Issue is Unclaimed again. */
export async function assignIssue(
  trx: Trx,
  found: FoundIssue,
  { teamId, userId }: z.infer<typeof assignIssueSchema>,
  { actor, nowMs }: Scene,
): Promise<FoundIssue | Conflict> {
  const { issue } = found
  if (issue.status === 'Resolved' || issue.status === 'Cancelled')
    return refuse('already-closed', `Issue ${issue.number} is already ${issue.status}.`)
  const team = await findTeam(trx, teamId)
  if (team === undefined || team.organizationId !== issue.ownerOrganizationId)
    return refuse(
      'unknown-team',
      'Choose a Team of your own Organization; for another Organization escalate.',
    )
  const user = userId === undefined ? undefined : await findUser(trx, userId)
  if (userId !== undefined && user?.organizationId !== issue.ownerOrganizationId)
    return refuse('unknown-user', 'Choose a User of your own Organization.')
  await writeParties(trx, found.number, {
    ownerTeamId: team.id,
    collaboratorTeamIds: issue.collaboratorTeamIds,
  })
  const body = `Assigned to ${team.name}${user === undefined ? '' : `, ${user.name}`}.`
  await addEntry(trx, found.number, nowMs, { room: 'log', author: actor, body })
  const columns: IssueChange = {
    owner_team_id: team.id,
    owner_user_id: user?.id ?? null,
    owner_user_name: user?.name ?? null,
    status: user === undefined ? 'Unclaimed' : 'Remote',
    is_touched: 1,
  }
  return changeIssue(trx, found, nowMs, columns, { actor, action: 'assign' })
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
