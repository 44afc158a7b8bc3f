import { toShortText } from '@proactive/shared'
import type { Problem } from '@proactive/shared/http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import { DirectoryBehindError } from '../issues/parties.ts'

/** An answer that is no success: thrown by a route, sent as RFC 9457 `application/problem+json`. */
export class ProblemError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, detail: string) {
    super(detail)
    this.status = status
    this.code = code
  }
}

export function notFound(what: string): ProblemError {
  return new ProblemError(404, 'not-found', `There is no such ${what}.`)
}

const titleByStatus = new Map([
  [400, 'Invalid request'],
  [401, 'Not authenticated'],
  [403, 'Not allowed'],
  [404, 'Not found'],
  [409, 'Conflict'],
  [412, 'Changed meanwhile'],
  [413, 'Too large'],
  [415, 'Unsupported media type'],
  [422, 'Cannot be processed'],
  [503, 'Not ready'],
])

/** Codes for the refusals that Fastify makes itself. */
const codeByStatus = new Map([
  [404, 'not-found'],
  [413, 'body-too-large'],
  [414, 'invalid-request'],
  [415, 'unsupported-media-type'],
  [503, 'stopping'],
])

/** Fastify's error handler: our problems as they are, foreign input's faults as 4xx, anything else as a logged 500 that tells nothing. */
export function createErrorHandler(log: Logger) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = problemOf(error)
    if (problem.status >= 500) {
      log.error({ err: error, method: request.method, route: request.routeOptions.url }, 'request failed')
    }
    sendProblem(reply, problem)
  }
}

export function sendProblem(reply: FastifyReply, problem: Problem): void {
  reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem)
}

export function problemOf(error: FastifyError | ProblemError | DirectoryBehindError): Problem {
  if (error instanceof ProblemError) return problem(error.status, error.code, error.message)
  if (error instanceof DirectoryBehindError) return problem(422, 'directory-behind', error.message)
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.slice(0, 32).map((fault) => ({
      path: toShortText(fault.instancePath.replace(/^\//, '').replaceAll('/', '.'), 120),
      message: toShortText(fault.message ?? 'does not fit', 200),
    }))
    return { ...problem(400, 'invalid-request', 'The request does not fit what this route takes.'), errors }
  }
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500
  if (status >= 400 && status < 500) {
    return problem(status, codeByStatus.get(status) ?? 'invalid-request', toShortText(error.message, 500))
  }
  return problem(500, 'internal', 'The helpdesk could not do this; its log says why.')
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
