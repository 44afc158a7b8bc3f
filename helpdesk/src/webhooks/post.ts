import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { OutgoingGuard } from './outgoing-guard.ts'

const timeoutMs = 10_000

/**
 * Posts to a checked address and resolves with the status; follows no redirect, reads no answer.
 * @throws RefusedUrlError where the URL may not be called, Error where nobody answers in time.
 */
export async function postGuarded(
  guard: OutgoingGuard,
  url: URL,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const [address = ''] = await guard.check(url)
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: 'POST',
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        // The address that was checked, and no other.
        lookup: (_host, options, done) => {
          const family = isIP(address)
          if (options.all === true) done(null, [{ address, family }])
          else done(null, address, family)
        },
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'proactive-helpdesk',
        },
      },
      (answer) => {
        answer.destroy()
        resolve(answer.statusCode ?? 0)
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
