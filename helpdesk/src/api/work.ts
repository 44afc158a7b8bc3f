import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type IssueParties, maySee, type UserActor } from '../access/actor.ts'
import type { Trx } from '../db/open.ts'
import { type Conflict, isConflict } from '../issues/desk-operations.ts'
import { type FoundIssue, findIssueByNumber, numberOfIssueId } from '../issues/read.ts'
import type { ApiContext } from './context.ts'
import { requireMatch } from './etag.ts'
import { userOf } from './guard.ts'
import { notFound, ProblemError } from './problem.ts'

export const issueParams = z.strictObject({ id: z.string().max(64) })
export const matchHeaders = z.object({ 'if-match': z.string().max(200).optional() })

type WorkRequest = Pick<
  FastifyRequest<{ Params: z.infer<typeof issueParams>; Headers: z.infer<typeof matchHeaders> }>,
  'params' | 'headers'
> &
  FastifyRequest

/** One operation of a person in one transaction: visible (else 404), allowed (else 403), unchanged (else 412), possible (else 409). */
export async function work<Result extends object = FoundIssue>(
  { db, changes, nowMs }: ApiContext,
  request: WorkRequest,
  isAllowed: (actor: UserActor, issue: IssueParties) => boolean,
  operate: (
    trx: Trx,
    found: FoundIssue,
    scene: { actor: UserActor; nowMs: number },
  ) => Promise<Result | Conflict>,
): Promise<Result> {
  const actor = userOf(request)
  const result = await db.transaction().execute(async (trx) => {
    const found = await requireVisible(trx, actor, request.params.id)
    if (!isAllowed(actor, found)) {
      throw new ProblemError(403, 'not-owner', "Only the owner Team's Organization may do that.")
    }
    requireMatch(request.headers['if-match'], found.issue.version)
    const outcome = await operate(trx, found, { actor, nowMs: nowMs() })
    if (isConflict(outcome)) throw new ProblemError(409, outcome.conflict, outcome.sentence)
    return outcome
  })
  changes.notify()
  return result
}

export async function requireVisible(
  db: ApiContext['db'] | Trx,
  actor: UserActor,
  id: string,
): Promise<FoundIssue> {
  const number = numberOfIssueId(id)
  const found = number === undefined ? undefined : await findIssueByNumber(db, number)
  if (found === undefined || !maySee(actor, found)) throw notFound('Issue')
  return found
}
