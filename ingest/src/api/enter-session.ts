import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Account } from '../directory/people.ts'
import type { WebContext } from './context.ts'
import { cookieName } from './guard.ts'
import { sessionLifeMs, type WebSession } from './sessions.ts'

/** Logs somebody in whose log-in was checked: a fresh session, its cookie in the answer. A session that the browser brought along ends: it may have been planted there. */
export async function enterSession(
  { sessions, isSecure }: Pick<WebContext, 'sessions' | 'isSecure'>,
  request: FastifyRequest,
  reply: FastifyReply,
  account: Account,
): Promise<WebSession> {
  const former = request.cookies[cookieName(isSecure)]
  if (former !== undefined && former.length <= 100) await sessions.end(former)
  const { cookie, session } = await sessions.open(account)
  reply.setCookie(cookieName(isSecure), cookie, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure,
    maxAge: sessionLifeMs / 1_000,
  })
  return session
}
