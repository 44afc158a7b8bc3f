import { maxFileBytes } from '@proactive/shared/http'
import { request as httpRequest } from 'undici'
import { readCapped } from '../net/read-capped.ts'
import { access } from './access.ts'
import type { App, WebContext } from './context.ts'
import { actorOf, programTokenOf } from './guard.ts'
import { ProblemError } from './problem.ts'

const answerTimeoutMs = 15_000
const maxAnswerBytes = 16 * 1_024 * 1_024
/** Everything else of the browser's request stays here: cookies, CSRF token, forwarding headers. */
const passedHeaders = ['accept', 'content-type', 'idempotency-key', 'if-match', 'if-none-match'] as const
const passedAnswerHeaders = [
  'content-type',
  // A file leaves as an attachment, and what opens it all the same finds a sandbox.
  'content-disposition',
  'content-security-policy',
  'etag',
  'location',
  'retry-after',
] as const
/** Plain segments only: nothing that another router could read as a way up or out. */
const pathPattern = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$/

/**
 * `/helpdesk/api/*`: the helpdesk behind our log-in. It gets a freshly signed actor token and decides itself what the actor may do.
 * A program comes with a token of the helpdesk's own making, which is passed on as it is.
 */
export function registerHelpdeskProxy(app: App, context: WebContext): void {
  const { tokens, helpdeskUrl, log } = context
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // Kept as bytes: what they mean is the helpdesk's business. The server's body limit holds.
    scope.addContentTypeParser(
      /^application\/json(?:;\s*charset=utf-8)?$/i,
      { parseAs: 'buffer' },
      (_request, body, done) => done(null, body),
    )
    // Files of an Issue: larger than any document, and never read here.
    scope.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer', bodyLimit: maxFileBytes },
      (_request, body, done) => done(null, body),
    )
    scope.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/helpdesk/api/*',
      config: access({ role: 'viewer', programs: true }),
      schema: { hide: true },
      handler: async (request, reply) => {
        const program = programTokenOf(request)
        const authorization = program ?? `Bearer ${tokens.sign(actorOf(request))}`
        const path = wildcardOf(request.params)
        if (helpdeskUrl === undefined)
          throw new ProblemError(503, 'no-helpdesk', 'No helpdesk is configured: set PROACTIVE_HELPDESK_URL.')
        if (!pathPattern.test(path)) throw new ProblemError(404, 'not-found', 'There is no such route.')
        const url = new URL(`/api/${path}`, helpdeskUrl)
        const question = request.url.indexOf('?')
        if (question >= 0) url.search = request.url.slice(question)
        const headers: Record<string, string> = { authorization }
        for (const name of passedHeaders) {
          const value = request.headers[name]
          if (typeof value === 'string') headers[name] = value
        }
        const answer = await ask(url, request.method, headers, request.body).catch((err: unknown) => {
          log.warn({ err, path }, 'the helpdesk did not answer')
          throw new ProblemError(
            502,
            'helpdesk-unavailable',
            'The helpdesk does not answer: try again in a moment.',
            2,
          )
        })
        if (answer.status === 401 && program === undefined) {
          // It is our token that was refused: the person is logged in and would be sent to log in for nothing.
          log.error(
            { path },
            'the helpdesk refused our actor token: it trusts another key, or the clocks differ',
          )
          throw new ProblemError(
            502,
            'helpdesk-refused',
            'The helpdesk does not trust this server: tell its admin.',
          )
        }
        for (const [name, value] of answer.headers) reply.header(name, value)
        return reply.code(answer.status).send(answer.body)
      },
    })
  })
}

interface Answer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

async function ask(
  url: URL,
  method: string,
  headers: Record<string, string>,
  body: unknown,
): Promise<Answer> {
  const response = await httpRequest(url, {
    method,
    headers,
    body: Buffer.isBuffer(body) ? body : null,
    headersTimeout: answerTimeoutMs,
    bodyTimeout: answerTimeoutMs,
    signal: AbortSignal.timeout(2 * answerTimeoutMs),
  })
  const content = await readCapped(response.body, maxAnswerBytes)
  const passed = passedAnswerHeaders.flatMap((name) => {
    const value = response.headers[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  return { status: response.statusCode, headers: new Map(passed), body: content }
}

function wildcardOf(params: unknown): string {
  if (typeof params !== 'object' || params === null || !('*' in params)) return ''
  return typeof params['*'] === 'string' ? params['*'] : ''
}
