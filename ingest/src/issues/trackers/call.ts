import { Agent, request } from 'undici'
import { readCapped } from '../../net/read-capped.ts'
import type { HelpdeskOutcome } from '../helpdesk.ts'

const maxAnswerBytes = 8 * 1024 * 1024
const connectTimeoutMs = 5_000
const maxRetryAfterMs = 5 * 60_000
/** A refused token heals when somebody sets a new one; not faster for hammering. */
const refusedTokenPauseMs = 30_000

/** Connection failures after which the request surely did not arrive. */
const neverSentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** What a provider answered to a request that it took. */
export interface TrackerAnswer {
  readonly status: number
  readonly json: unknown
}

export interface TrackerRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Under the provider's base URL. */
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** One HTTP request to a provider with a deadline and a size cap; how it ended as an outcome, never as a rejection (only an abort rejects). */
export type TrackerCall = (request: TrackerRequest) => Promise<HelpdeskOutcome<TrackerAnswer>>

export interface TrackerCallOptions {
  /** E.g. `https://rt.example.com/REST/2.0/`; ends with a slash. */
  readonly baseUrl: string
  /** Sent with every request, e.g. the token. */
  readonly headers: Readonly<Record<string, string>>
  readonly callTimeoutMs: number
}

export function createTrackerCall({ baseUrl, headers, callTimeoutMs }: TrackerCallOptions): {
  call: TrackerCall
  stop(): Promise<void>
} {
  const agent = new Agent({ connect: { timeout: connectTimeoutMs }, connections: 8, pipelining: 1 })
  return {
    async call({ method, path, body, headers: extra = {}, signal }) {
      signal.throwIfAborted()
      try {
        const answer = await request(new URL(path, baseUrl), {
          method,
          dispatcher: agent,
          signal: AbortSignal.any([signal, AbortSignal.timeout(callTimeoutMs)]),
          headersTimeout: callTimeoutMs,
          bodyTimeout: callTimeoutMs,
          headers: {
            accept: 'application/json',
            ...headers,
            ...extra,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        })
        const text = await readText(answer.body)
        return judgeAnswer(answer.statusCode, answer.headers['retry-after'], text)
      } catch (error) {
        signal.throwIfAborted()
        return judgeFailure(error)
      }
    },
    stop: () => agent.destroy(),
  }
}

/** What an HTTP status means: 2xx taken, 429 and 401 later, other 4xx never, anything else is doubt. */
function judgeAnswer(
  status: number,
  retryAfter: string | string[] | undefined,
  text: string,
): HelpdeskOutcome<TrackerAnswer> {
  const json = parseJson(text)
  if (status >= 200 && status < 300) {
    return text !== '' && json === undefined
      ? { kind: 'ambiguous', reason: `answer ${status} was not understood` }
      : { kind: 'ok', value: { status, json } }
  }
  if (status === 429) {
    return {
      kind: 'retry',
      afterMs: parseRetryAfter(retryAfter),
      reason: 'rate-limited',
      isUnreachable: false,
    }
  }
  const message = `answer ${status}${text === '' ? '' : `: ${text.replace(/\s+/g, ' ').slice(0, 200)}`}`
  if (status === 401)
    return { kind: 'retry', afterMs: refusedTokenPauseMs, reason: message, isUnreachable: true }
  if (status >= 400 && status < 500 && status !== 408)
    return { kind: 'permanent', code: `http-${status}`, message }
  return { kind: 'ambiguous', reason: message }
}

/** What a failed connection means: surely never sent, or doubt. */
export function judgeFailure(error: unknown): HelpdeskOutcome<never> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reason = error instanceof Error ? `${code} ${error.message}`.trim().slice(0, 200) : 'unknown failure'
  return neverSentCodes.has(code)
    ? { kind: 'retry', afterMs: null, reason, isUnreachable: true }
    : { kind: 'ambiguous', reason }
}

/** `Retry-After` (RFC 9110 §10.2.3) in ms, seconds or a date; null where it says nothing usable. */
export function parseRetryAfter(header: string | string[] | undefined, nowMs = Date.now()): number | null {
  if (typeof header !== 'string') return null
  const afterMs = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs
  return Number.isFinite(afterMs) ? Math.min(Math.max(afterMs, 0), maxRetryAfterMs) : null
}

/** The text of an answer. @throws RangeError where it is larger than any of theirs. */
export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  return (await readCapped(body, maxAnswerBytes)).toString('utf8')
}

/** Undefined where the text is no JSON: trackers answer with pages when they are not well. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
