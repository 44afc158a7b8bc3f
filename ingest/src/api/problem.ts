import type { Problem } from '@proactive/shared/http'
import { toShortText } from '@proactive/shared'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import { DirectoryError } from '../directory/errors.ts'
import { PasswordsBusyError } from '../directory/passwords.ts'

/** An answer that is no success: thrown by a route, sent as RFC 9457 `application/problem+json`. */
export class ProblemError extends Error {
  readonly status: number
  readonly code: string
  /** Seconds after which it may work, for `Retry-After`. */
  readonly retryAfterSeconds: number | undefined

  constructor(status: number, code: string, detail: string, retryAfterSeconds?: number) {
    super(detail)
    this.status = status
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** What is not there and what may not be known to be there look the same. */
export function notFound(what: string): ProblemError {
  return new ProblemError(404, 'not-found', `There is no such ${what}.`)
}

const titleByStatus = new Map([
  [400, 'Invalid request'],
  [401, 'Not logged in'],
  [403, 'Not allowed'],
  [404, 'Not found'],
  [405, 'Method not allowed'],
  [409, 'Conflict'],
  [413, 'Too large'],
  [415, 'Unsupported media type'],
  [429, 'Too many requests'],
  [502, 'Bad gateway'],
  [503, 'Not ready'],
  [504, 'Timed out'],
])

/** Codes for the refusals that Fastify makes itself. */
const codeByStatus = new Map([
  [404, 'not-found'],
  [413, 'body-too-large'],
  [415, 'unsupported-media-type'],
  [429, 'too-many-requests'],
  [503, 'stopping'],
])

/** Fastify's error handler: our problems as they are, faults of the request as 4xx, anything else as a logged 500 that tells nothing. */
export function createErrorHandler(log: Logger) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = problemOf(error)
    if (problem.status === 500)
      log.error({ err: error, method: request.method, route: request.routeOptions.url }, 'request failed')
    if (error instanceof ProblemError && error.retryAfterSeconds !== undefined)
      reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds)))
    sendProblem(reply, problem)
  }
}

/** Answers with a problem (RFC 9457), past the route's own schema of answers. */
export function sendProblem(reply: FastifyReply, problem: Problem): void {
  reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem)
}

const refusalStatus = { 'not-found': 404, conflict: 409, forbidden: 403 } as const

/** What an error means for whoever asked: expected ones say what to do, all others say no more than that it failed. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return problem(error.status, error.code, error.message)
  if (error instanceof DirectoryError) return problem(refusalStatus[error.code], error.code, error.message)
  if (error instanceof PasswordsBusyError) return problem(503, error.code, error.message)
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.slice(0, 32).map((fault) => ({
      path: toShortText(fault.instancePath.replace(/^\//, '').replaceAll('/', '.'), 120),
      message: toShortText(fault.message ?? 'does not fit', 200),
    }))
    return { ...problem(400, 'invalid-request', 'The request does not fit what this route takes.'), errors }
  }
  const status = statusOf(error)
  if (status >= 400 && status < 500 && error instanceof Error)
    return problem(status, codeByStatus.get(status) ?? 'invalid-request', toShortText(error.message, 500))
  if (status === 503) return problem(503, 'stopping', 'The server is stopping: try again in a moment.')
  return problem(500, 'internal', 'This could not be done; the log of ingest says why.')
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500
  return typeof error.statusCode === 'number' ? error.statusCode : 500
}

function problem(status: number, code: string, detail: string): Problem {
  return {
    type: 'about:blank',
    title: titleByStatus.get(status) ?? (status >= 500 ? 'Internal error' : 'Refused'),
    status,
    code,
    detail,
  }
}
