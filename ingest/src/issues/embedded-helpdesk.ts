import { type Issue, issueChangesSchema, issueSchema, problemSchema } from '@proactive/shared/http'
import { Agent, request } from 'undici'
import type { z } from 'zod'
import type { Helpdesk, HelpdeskOutcome, RemoteIssue, ServiceTokenSource } from './helpdesk.ts'
import { judgeFailure, parseJson, parseRetryAfter, readText } from './trackers/call.ts'

const connectTimeoutMs = 2_000
/** A refused token heals when the helpdesk reads our new key; not faster for hammering. */
const refusedTokenPauseMs = 2_000

export interface EmbeddedHelpdeskOptions {
  /** E.g. `http://127.0.0.1:8090`. */
  readonly url: string
  readonly tokens: ServiceTokenSource
  /** Deadline of one call (ms). */
  readonly callTimeoutMs?: number
}

/** The embedded helpdesk over its HTTP API. Keys are unique in its database: creating is natively idempotent. */
export function createEmbeddedHelpdesk({
  url,
  tokens,
  callTimeoutMs = 10_000,
}: EmbeddedHelpdeskOptions): Helpdesk & { stop(): Promise<void> } {
  const agent = new Agent({ connect: { timeout: connectTimeoutMs }, connections: 16, pipelining: 1 })

  async function call<Schema extends z.ZodType>(
    method: 'GET' | 'PUT' | 'POST' | 'PATCH',
    path: string,
    schema: Schema,
    { body, signal, timeoutMs = callTimeoutMs }: { body?: unknown; signal: AbortSignal; timeoutMs?: number },
  ): Promise<HelpdeskOutcome<z.output<Schema>>> {
    signal.throwIfAborted()
    const token = await tokens.serviceToken()
    const deadline = AbortSignal.timeout(timeoutMs)
    try {
      const answer = await request(new URL(path, url), {
        method,
        dispatcher: agent,
        signal: AbortSignal.any([signal, deadline]),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await readText(answer.body)
      return judge(answer.statusCode, answer.headers['retry-after'], text, schema)
    } catch (error) {
      signal.throwIfAborted()
      return judgeFailure(error)
    }
  }

  const byKey = (key: string) => `/api/issues/by-key/${encodeURIComponent(key)}`
  return {
    caps: { createIdempotency: 'native', settleMs: 0 },
    async preflight(signal) {
      // The change feed needs what everything else needs: an answer, and a service token that is believed.
      const outcome = await call('GET', '/api/issues/changes?limit=1', issueChangesSchema, { signal })
      return outcome.kind === 'ok'
        ? { ok: true }
        : { ok: false, problems: [`The helpdesk at ${url} does not work: ${sentenceOf(outcome)}.`] }
    },
    open: async (key, body, signal) => remote(await call('PUT', byKey(key), issueSchema, { body, signal })),
    update: async (key, body, signal) =>
      remote(await call('PATCH', byKey(key), issueSchema, { body, signal })),
    recover: async (key, body, signal) =>
      remote(await call('POST', `${byKey(key)}/recovery`, issueSchema, { body, signal })),
    async findByKey(key, signal) {
      const outcome = remote(await call('GET', byKey(key), issueSchema, { signal }))
      if (outcome.kind === 'ok')
        return { kind: 'ok', value: outcome.value.key === key ? [outcome.value] : [] }
      return outcome.kind === 'permanent' && outcome.code === 'not-found'
        ? { kind: 'ok', value: [] }
        : outcome
    },
    async changesSince(cursor, waitMs, signal) {
      const query = new URLSearchParams({ waitMs: String(waitMs), limit: '200' })
      if (cursor !== undefined) query.set('after', cursor)
      const outcome = await call('GET', `/api/issues/changes?${query}`, issueChangesSchema, {
        signal,
        timeoutMs: waitMs + callTimeoutMs,
      })
      return outcome.kind === 'ok'
        ? { kind: 'ok', value: { issues: outcome.value.items, cursor: outcome.value.cursor } }
        : outcome
    },
    stop: () => agent.destroy(),
  }
}

/** What an HTTP answer means for the operation. */
function judge<Schema extends z.ZodType>(
  status: number,
  retryAfter: string | string[] | undefined,
  text: string,
  schema: Schema,
): HelpdeskOutcome<z.output<Schema>> {
  const json = parseJson(text)
  if (status >= 200 && status < 300) {
    const parsed = schema.safeParse(json)
    return parsed.success
      ? { kind: 'ok', value: parsed.data }
      : { kind: 'ambiguous', reason: `answer ${status} was not understood` }
  }
  const problem = problemSchema.safeParse(json)
  const code = problem.success ? problem.data.code : `http-${status}`
  const message = (problem.success ? problem.data.detail : undefined) ?? `answer ${status}`
  if (status === 429) {
    return {
      kind: 'retry',
      afterMs: parseRetryAfter(retryAfter),
      reason: 'rate-limited',
      isUnreachable: false,
    }
  }
  if (status === 401)
    return { kind: 'retry', afterMs: refusedTokenPauseMs, reason: message, isUnreachable: true }
  if (status === 422 && code === 'directory-behind') {
    return { kind: 'retry', afterMs: null, reason: message, isUnreachable: false }
  }
  if (status >= 400 && status < 500 && status !== 408) return { kind: 'permanent', code, message }
  return { kind: 'ambiguous', reason: message }
}

function remote(outcome: HelpdeskOutcome<Issue>): HelpdeskOutcome<RemoteIssue> {
  return outcome.kind === 'ok' ? { kind: 'ok', value: remoteOf(outcome.value) } : outcome
}

function remoteOf(issue: Issue): RemoteIssue {
  const { id, number, status, ownerTeamId, isTouched, createdAtMs } = issue
  return { key: issue.key ?? '', id, number, status, ownerTeamId, isTouched, createdAtMs }
}

function sentenceOf(outcome: Exclude<HelpdeskOutcome<unknown>, { kind: 'ok' }>): string {
  return outcome.kind === 'permanent' ? outcome.message : outcome.reason
}
