import {
  claimSchema,
  type Claim,
  type Issue,
  issuePageSchema,
  type LocationDetail,
  locationDetailSchema,
  problemSchema,
  sessionSchema,
} from '@proactive/shared/http'
import type { z } from 'zod'

const requestTimeoutMs = 10_000
const maxAnswerChars = 4_000_000

/** The web interface as one logged-in User sees it. */
export interface CloudClient {
  issues(locationId: string): Promise<readonly Issue[]>
  location(locationId: string): Promise<LocationDetail>
  createClaim(locationId: string): Promise<Claim>
}

/** What the cloud answered instead of the thing asked for. */
export class CloudRefusedError extends Error {
  override readonly name = 'CloudRefusedError'
}

/**
 * Logs in at `url`.
 * @throws CloudRefusedError where the cloud says no; TypeError where it cannot be reached.
 */
export async function logIn(url: string, user: { email: string; password: string }): Promise<CloudClient> {
  let cookie = ''
  let csrfToken = ''

  async function ask<T extends z.ZodType>(
    schema: T,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<z.infer<T>> {
    const response = await fetch(new URL(path, url), {
      method,
      signal: AbortSignal.timeout(requestTimeoutMs),
      headers: {
        accept: 'application/json',
        ...(cookie === '' ? {} : { cookie }),
        ...(csrfToken === '' ? {} : { 'x-csrf-token': csrfToken }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = (await response.text()).slice(0, maxAnswerChars)
    const cookies = response.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '')
    if (cookies.length > 0) cookie = cookies.join('; ')
    const answer: unknown = text === '' ? undefined : JSON.parse(text)
    if (!response.ok) {
      const problem = problemSchema.safeParse(answer)
      const why = problem.success ? (problem.data.detail ?? problem.data.title) : `status ${response.status}`
      throw new CloudRefusedError(`${method} ${path}: ${why}`)
    }
    return schema.parse(answer)
  }

  const { email, password } = user
  const session = await ask(sessionSchema, 'POST', '/api/session', { email, password })
  csrfToken = session.csrfToken
  return {
    issues: async (locationId) =>
      (await ask(issuePageSchema, 'GET', `/helpdesk/api/issues?queue=all&limit=200&location=${locationId}`))
        .items,
    location: (locationId) => ask(locationDetailSchema, 'GET', `/api/locations/${locationId}`),
    createClaim: (locationId) => ask(claimSchema, 'POST', `/api/locations/${locationId}/claims`, {}),
  }
}
