import type { SignOnRefusal } from '@proactive/shared/http'
import type { Database } from '../db/database.ts'
import type { Account, People } from '../directory/people.ts'

/** Who the provider says has logged in there. */
export interface Identity {
  readonly subject: string
  readonly email: string | undefined
  /** Whether the provider vouches for the address; without that it counts for nothing. */
  readonly isEmailVerified: boolean
}

/**
 * Finds the User behind an identity: by the subject it was bound to before, else by verified e-mail, which binds it from then on. Only Users of
 * the Organizations the provider speaks for; roles and Teams stay what our directory says. A User bound to another subject is refused: the
 * address may have gone to somebody else.
 */
export async function matchUser(
  { db }: Database,
  people: Pick<People, 'findAccount'>,
  provider: { readonly id: string; readonly organizationIds: readonly string[] },
  identity: Identity,
  nowMs: number,
): Promise<{ kind: 'found'; account: Account } | { kind: 'refused'; why: SignOnRefusal }> {
  const bound = await db
    .selectFrom('sign_on_subjects')
    .select('user_id')
    .where('provider_id', '=', provider.id)
    .where('subject', '=', identity.subject)
    .executeTakeFirst()
  const mayEnter = (account: Account | undefined): account is Account =>
    account !== undefined && provider.organizationIds.includes(account.user.organizationId)
  if (bound !== undefined) {
    const account = await people.findAccount(bound.user_id)
    return mayEnter(account) ? { kind: 'found', account } : { kind: 'refused', why: 'unknown' }
  }
  if (identity.email === undefined || !identity.isEmailVerified) return { kind: 'refused', why: 'unverified' }
  const user = await db
    .selectFrom('users')
    .select('id')
    .where('email', '=', identity.email.toLowerCase())
    .executeTakeFirst()
  const account = user && (await people.findAccount(user.id))
  if (!mayEnter(account)) return { kind: 'refused', why: 'unknown' }
  const row = await db
    .insertInto('sign_on_subjects')
    .values({
      provider_id: provider.id,
      subject: identity.subject,
      user_id: account.user.id,
      bound_at_ms: nowMs,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('user_id')
    .executeTakeFirst()
  return row === undefined ? { kind: 'refused', why: 'other-account' } : { kind: 'found', account }
}
