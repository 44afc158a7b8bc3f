import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { type OutgoingGuard, RefusedUrlError } from './guard.ts'

const timeoutMs = 10_000
const maxAnswerBytes = 1_024 * 1_024
/** Addresses of a name that are tried, in order; each but the last has its share of the time to take a connection. */
const maxAddresses = 3

/** Nobody took the connection: nothing was sent. */
class NoConnectionError extends Error {}

/**
 * Posts JSON to a checked address and resolves with the status; follows no redirect, reads no answer.
 * @throws RefusedUrlError where the URL may not be called, Error where nobody answers in time.
 */
export async function postGuarded(
  guard: OutgoingGuard,
  url: URL,
  body: string,
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<number> {
  const answer = await send(guard, url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
    signal,
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

async function send(guard: OutgoingGuard, url: URL, outgoing: Outgoing): Promise<IncomingMessage> {
  // The look-up is under it as well.
  const deadline = AbortSignal.timeout(timeoutMs)
  const signal = outgoing.signal === undefined ? deadline : AbortSignal.any([outgoing.signal, deadline])
  const addresses = (await within(signal, guard.check(url))).slice(0, maxAddresses)
  for (const [index, address] of addresses.entries()) {
    const isLast = index === addresses.length - 1
    const connectMs = isLast ? undefined : timeoutMs / maxAddresses
    try {
      return await sendTo(address, url, { ...outgoing, signal }, connectMs)
    } catch (error) {
      // Once connected it may have been read: the next address would be a second time.
      if (isLast || signal.aborted || !(error instanceof NoConnectionError)) throw error
    }
  }
  throw new RefusedUrlError(`${url.hostname} has no address.`)
}

/** What comes first; an ended signal ends the wait, not the work. @throws the signal's reason, or as the work. */
async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const end = () => reject(signal.reason)
  if (signal.aborted) end()
  else signal.addEventListener('abort', end)
  return Promise.race([ended, work]).finally(() => signal.removeEventListener('abort', end))
}

/** @throws NoConnectionError where nothing was sent, Error where it may have been. */
function sendTo(
  address: string,
  url: URL,
  { method, headers, body, signal }: Outgoing,
  connectMs: number | undefined,
): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    let isConnected = false
    let patience: NodeJS.Timeout | undefined
    const outgoing = request(
      url,
      {
        method,
        agent: false,
        ...(signal === undefined ? {} : { signal }),
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
    outgoing.on('socket', (socket) =>
      socket.once('connect', () => {
        isConnected = true
        clearTimeout(patience)
      }),
    )
    outgoing.on('error', (error) => {
      clearTimeout(patience)
      reject(
        isConnected || signal?.aborted === true
          ? error
          : new NoConnectionError(error.message, { cause: error }),
      )
    })
    if (connectMs !== undefined)
      patience = setTimeout(() => outgoing.destroy(new Error(`${address} does not answer.`)), connectMs)
    outgoing.end(body)
  })
}
