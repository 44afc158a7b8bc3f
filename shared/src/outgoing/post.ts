import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { OutgoingGuard } from './guard.ts'

const timeoutMs = 10_000
const maxAnswerBytes = 1_024 * 1_024

/**
 * Posts JSON to a checked address and resolves with the status; follows no redirect, reads no answer.
 * @throws RefusedUrlError where the URL may not be called, Error where nobody answers in time.
 */
export async function postGuarded(
  guard: OutgoingGuard,
  url: URL,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const answer = await send(guard, url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
    signal: undefined,
  })
  answer.destroy()
  return answer.statusCode ?? 0
}

/** What {@link createGuardedFetch} takes of the platform's own options. */
interface FetchOptions {
  readonly method?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | Headers | undefined
  readonly body?: unknown
  readonly signal?: AbortSignal | null | undefined
}

/** `fetch` for libraries that take one: only to checked addresses, no redirects, answers up to 1 MB, 10 s at most. @throws as {@link postGuarded}. */
export function createGuardedFetch(guard: OutgoingGuard) {
  return async (url: string, options: FetchOptions = {}): Promise<Response> => {
    const { method = 'GET', headers = {}, body, signal } = options
    const isForm = body instanceof URLSearchParams
    const answer = await send(guard, new URL(url), {
      method,
      headers: {
        ...Object.fromEntries(new Headers(headers)),
        ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' } : {}),
      },
      body: body === undefined || body === null ? undefined : String(body),
      signal: signal ?? undefined,
    })
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of answer) {
      const part = Buffer.from(chunk)
      bytes += part.length
      if (bytes > maxAnswerBytes) {
        answer.destroy()
        throw new RangeError('The answer is too large.')
      }
      chunks.push(part)
    }
    const type = answer.headers['content-type']
    const status = answer.statusCode ?? 502
    return new Response(status === 204 || status === 304 ? null : Buffer.concat(chunks), {
      status,
      headers: type === undefined ? {} : { 'content-type': type },
    })
  }
}

interface Outgoing {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly signal: AbortSignal | undefined
}

async function send(
  guard: OutgoingGuard,
  url: URL,
  { method, headers, body, signal }: Outgoing,
): Promise<IncomingMessage> {
  const [address = ''] = await guard.check(url)
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  const deadline = AbortSignal.timeout(timeoutMs)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method,
        agent: false,
        signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
        // The address that was checked, and no other.
        lookup: (_host, options, done) => {
          const family = isIP(address)
          if (options.all === true) done(null, [{ address, family }])
          else done(null, address, family)
        },
        headers: {
          'user-agent': 'proactive',
          ...headers,
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        },
      },
      resolve,
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
