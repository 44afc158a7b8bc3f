import { randomBytes } from 'node:crypto'
import { base32 } from '@proactive/shared'
import type { SetUp, User } from '@proactive/shared/http'
import type { Directory } from '../directory/directory.ts'
import { newId } from '../directory/new-id.ts'
import type { Account } from '../directory/people.ts'
import { isSameToken } from './sessions.ts'

export type SetUpOutcome =
  | { readonly kind: 'made'; readonly account: Account }
  | { readonly kind: 'refused' }
  | { readonly kind: 'done-before' }

/** The way in while nobody can log in: whoever reads the program's own output, never whoever comes first. */
export interface FirstAdmin {
  /** What `run` prints; undefined once there is a User. */
  readonly token: string | undefined
  isNeeded(): Promise<boolean>
  /** Makes the operator Organization and its admin. `refused` = wrong token; `done-before` = somebody can log in already. */
  make(setUp: SetUp): Promise<SetUpOutcome>
}

export async function createFirstAdmin({ people }: Directory): Promise<FirstAdmin> {
  const isNeeded = async () => (await people.countUsers()) === 0
  const token = (await isNeeded()) ? base32(randomBytes(20)) : undefined
  /** One at a time, so that the token makes one admin. */
  let turn: Promise<unknown> = Promise.resolve()

  async function make(setUp: SetUp): Promise<SetUpOutcome> {
    if (token === undefined || !(await isNeeded())) return { kind: 'done-before' }
    if (!isSameToken(setUp.token, token)) return { kind: 'refused' }
    const organization = { id: newId('org'), name: setUp.organization }
    await people.putOrganization(organization, { isOperator: true })
    const user: User = {
      id: newId('user'),
      organizationId: organization.id,
      teamIds: [],
      name: setUp.name ?? setUp.email.split('@', 1)[0] ?? 'admin',
      email: setUp.email.toLowerCase(),
      role: 'admin',
    }
    await people.putUser(user, setUp.password)
    return { kind: 'made', account: { user, organizationName: organization.name, isOperator: true } }
  }

  return {
    token,
    isNeeded,
    make: (setUp) => {
      const result = turn.then(() => make(setUp))
      turn = result.catch(() => undefined)
      return result
    },
  }
}
