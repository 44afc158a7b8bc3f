import type { Organization, Team, User } from '@proactive/shared/http'
import { teamSchema, userSchema } from '@proactive/shared/http'
import type { Database, Trx } from '../db/database.ts'
import { DirectoryError, found } from './errors.ts'
import type { DirectoryJournal } from './journal.ts'
import { endPasswordLinks } from './password-links.ts'
import type { Passwords } from './passwords.ts'

/** What log-in needs beside the User. */
export interface Account {
  readonly user: User
  readonly organizationName: string
  readonly isOperator: boolean
}

/** Organizations, Teams and Users. `put…` makes or replaces, so a repeat changes nothing. */
export interface People {
  organizations(): Promise<Organization[]>
  putOrganization(organization: Organization, options?: { isOperator?: boolean }): Promise<void>
  teams(): Promise<Team[]>
  putTeam(team: Team): Promise<void>
  users(organizationId: string): Promise<User[]>
  countUsers(): Promise<number>
  /**
   * Without a password the present one stays, or a new User has none. With another address the User is somebody else's from now on, unless it is said
   * that they are the same person: then the password opens nothing any more. In both cases sessions end and providers' ties are forgotten.
   * @returns whether a User that was there has no password now
   * @throws DirectoryError `conflict` where the address belongs to somebody else.
   */
  putUser(
    user: User,
    password: string | undefined,
    options?: { readonly isSamePerson?: boolean },
  ): Promise<{ readonly isHandedOver: boolean }>
  disableUser(userId: string): Promise<void>
  /** Only Users that are not disabled. */
  findAccount(userId: string): Promise<Account | undefined>
  /** The User whose address and password these are; takes as long for an unknown address. */
  authenticate(email: string, password: string): Promise<Account | undefined>
}

export interface PeopleDependencies {
  readonly database: Database
  readonly journal: DirectoryJournal
  readonly passwords: Passwords
  readonly nowMs: () => number
}

export function createPeople({ database: { db }, journal, passwords, nowMs }: PeopleDependencies): People {
  const selectAccounts = () =>
    db
      .selectFrom('users')
      .innerJoin('organizations', 'organizations.id', 'users.organization_id')
      .select([
        'users.id',
        'users.organization_id',
        'users.name',
        'users.email',
        'users.role',
        'users.password_hash',
        'organizations.name as organization_name',
        'organizations.is_operator',
      ])
      .where('users.disabled_at_ms', 'is', null)

  async function account(row: Awaited<ReturnType<ReturnType<typeof selectAccounts>['executeTakeFirst']>>) {
    if (row === undefined) return undefined
    const members = await db
      .selectFrom('team_members')
      .select('team_id')
      .where('user_id', '=', row.id)
      .orderBy('team_id')
      .execute()
    return {
      user: toUser(
        row,
        members.map((member) => member.team_id),
      ),
      organizationName: row.organization_name,
      isOperator: row.is_operator === 1,
    }
  }

  return {
    organizations: () => db.selectFrom('organizations').select(['id', 'name']).orderBy('name').execute(),
    putOrganization: ({ id, name }, options) =>
      journal.write(async ({ trx, record }) => {
        const isOperator = options?.isOperator === undefined ? undefined : Number(options.isOperator)
        await trx
          .insertInto('organizations')
          .values({ id, name, is_operator: isOperator ?? 0 })
          .onConflict((conflict) =>
            conflict
              .column('id')
              .doUpdateSet(isOperator === undefined ? { name } : { name, is_operator: isOperator }),
          )
          .execute()
        await record({ type: 'organization', value: { id, name } })
      }),
    teams: async () => {
      const rows = await db.selectFrom('teams').selectAll().orderBy('name').execute()
      return rows.map(toTeam)
    },
    putTeam: (team) =>
      journal.write(async ({ trx, record }) => {
        await mustExist(trx, 'organizations', team.organizationId, 'Organization')
        const row = { organization_id: team.organizationId, name: team.name, line: team.line }
        await trx
          .insertInto('teams')
          .values({ id: team.id, ...row })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute()
        await record({ type: 'team', value: team })
      }),
    users: async (organizationId) => {
      const rows = await db
        .selectFrom('users')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('disabled_at_ms', 'is', null)
        .orderBy('name')
        .execute()
      const members = await db
        .selectFrom('team_members')
        .innerJoin('users', 'users.id', 'team_members.user_id')
        .select(['team_members.team_id', 'team_members.user_id'])
        .where('users.organization_id', '=', organizationId)
        .orderBy('team_members.team_id')
        .execute()
      return rows.map((row) =>
        toUser(
          row,
          members.filter((member) => member.user_id === row.id).map((member) => member.team_id),
        ),
      )
    },
    countUsers: async () => {
      const row = await db
        .selectFrom('users')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(row.count)
    },
    putUser: async (user, password, options) => {
      const passwordHash = password === undefined ? undefined : await passwords.hash(password)
      const email = user.email.toLowerCase()
      return journal.write(async ({ trx, record }) => {
        await mustExist(trx, 'organizations', user.organizationId, 'Organization')
        await refuseForeignTeams(trx, user)
        const other = await trx.selectFrom('users').select('id').where('email', '=', email).executeTakeFirst()
        if (other !== undefined && other.id !== user.id)
          throw new DirectoryError(
            'conflict',
            `The address ${email} belongs to another User: choose another.`,
          )
        const row = { organization_id: user.organizationId, name: user.name, email, role: user.role }
        const present = await trx
          .selectFrom('users')
          .select('email')
          .where('id', '=', user.id)
          .executeTakeFirst()
        // Another address may be another person: who logged in before must not come back.
        const hasMoved = present !== undefined && present.email !== email
        const isHandedOver = hasMoved && options?.isSamePerson !== true
        if (present !== undefined) {
          const secret = passwordHash ?? (isHandedOver ? passwords.none : undefined)
          const change = secret === undefined ? row : { ...row, password_hash: secret }
          await trx.updateTable('users').set(change).where('id', '=', user.id).execute()
        } else {
          await trx
            .insertInto('users')
            .values({
              id: user.id,
              ...row,
              password_hash: passwordHash ?? passwords.none,
              disabled_at_ms: null,
            })
            .execute()
        }
        await trx.deleteFrom('team_members').where('user_id', '=', user.id).execute()
        for (const teamId of user.teamIds)
          await trx.insertInto('team_members').values({ team_id: teamId, user_id: user.id }).execute()
        if (hasMoved) await trx.deleteFrom('sign_on_subjects').where('user_id', '=', user.id).execute()
        if (hasMoved || passwordHash !== undefined) {
          await trx.deleteFrom('sessions').where('user_id', '=', user.id).execute()
          await endPasswordLinks(trx, user.id)
        }
        await record({ type: 'user', value: { ...user, email } })
        return { isHandedOver: isHandedOver && passwordHash === undefined }
      })
    },
    disableUser: (userId) =>
      journal.write(async ({ trx, record }) => {
        await trx.updateTable('users').set({ disabled_at_ms: nowMs() }).where('id', '=', userId).execute()
        await trx.deleteFrom('sessions').where('user_id', '=', userId).execute()
        await endPasswordLinks(trx, userId)
        await record({ type: 'removed', value: { entity: 'user', id: userId } })
      }),
    findAccount: async (userId) =>
      account(await selectAccounts().where('users.id', '=', userId).executeTakeFirst()),
    authenticate: async (email, password) => {
      const row = await selectAccounts().where('users.email', '=', email.toLowerCase()).executeTakeFirst()
      const isRight = await passwords.verify(password, row?.password_hash)
      return isRight ? account(row) : undefined
    },
  }
}

async function mustExist(
  trx: Trx,
  table: 'organizations' | 'teams',
  id: string,
  what: string,
): Promise<void> {
  found(await trx.selectFrom(table).select('id').where('id', '=', id).executeTakeFirst(), what)
}

async function refuseForeignTeams(trx: Trx, user: User): Promise<void> {
  for (const teamId of user.teamIds) {
    const team = await trx
      .selectFrom('teams')
      .select('organization_id')
      .where('id', '=', teamId)
      .executeTakeFirst()
    if (team?.organization_id !== user.organizationId)
      throw new DirectoryError('conflict', 'A User can only be in Teams of the own Organization.')
  }
}

function toUser(
  row: { id: string; organization_id: string; name: string; email: string; role: string },
  teamIds: string[],
): User {
  const { id, name, email, role } = row
  return userSchema.parse({ id, organizationId: row.organization_id, teamIds, name, email, role })
}

function toTeam(row: { id: string; organization_id: string; name: string; line: number }): Team {
  return teamSchema.parse({ id: row.id, organizationId: row.organization_id, name: row.name, line: row.line })
}
