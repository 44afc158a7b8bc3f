import type { Session, SetUp } from '@proactive/shared/http'
import { ApiError, setCsrfToken } from '../api/client.ts'
import { api } from '../api/endpoints.ts'

/** Who is logged in: `unknown` until the server was asked once. */
type Standing =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'out' }
  | { readonly kind: 'in'; readonly session: Session }

let standing = $state.raw<Standing>({ kind: 'unknown' })

function enter(session: Session): void {
  setCsrfToken(session.csrfToken)
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
  async logOut(): Promise<void> {
    await api.logOut()
    standing = { kind: 'out' }
  },
}
