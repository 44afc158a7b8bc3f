import { type Session, type SetUp, type UserRole, userRoles } from '@proactive/shared/http'
import { ApiError, setCsrfToken } from '../api/client.ts'
import { api } from '../api/endpoints.ts'
import { places } from './places.svelte.ts'

/** Who is logged in: `unknown` until the server was asked once. */
type Standing =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'out' }
  | { readonly kind: 'in'; readonly session: Session }

let standing = $state.raw<Standing>({ kind: 'unknown' })

function enter(session: Session): void {
  setCsrfToken(session.csrfToken)
  places.forget()
  standing = { kind: 'in', session }
}

/** The one session of the page. */
export const session = {
  get standing() {
    return standing
  },
  /** Asks the server who we are; a cookie from before is enough. @throws ApiError where it cannot be reached. */
  async resume(): Promise<void> {
    try {
      enter(await api.session())
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error
      standing = { kind: 'out' }
    }
  },
  async logIn(email: string, password: string): Promise<void> {
    enter(await api.logIn({ email, password }))
  },
  /** Makes the first admin and is that admin from now on. */
  async setUp(body: SetUp): Promise<void> {
    enter(await api.setUp(body))
  },
  async changePassword(current: string, password: string): Promise<void> {
    enter(await api.changePassword({ current, password }))
  },
  /** By a link that an admin gave; the one who chose is logged in. */
  async choosePassword(token: string, password: string): Promise<void> {
    enter(await api.choosePassword(token, password))
  },
  async logOut(): Promise<void> {
    await api.logOut()
    places.forget()
    standing = { kind: 'out' }
  },
}

/** Whether the User's role is enough; the server decides again. */
export function may(least: UserRole): boolean {
  if (standing.kind !== 'in') return false
  return userRoles.indexOf(standing.session.user.role) >= userRoles.indexOf(least)
}

/** Whether the User is an admin of the Organization that runs this installation. */
export function isOperatorAdmin(): boolean {
  return may('admin') && standing.kind === 'in' && standing.session.user.isOperator === true
}
