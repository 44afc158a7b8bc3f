import { readFileSync } from 'node:fs'
import { type RequestOptions, request } from 'node:https'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { z } from 'zod'
import { openTunnel } from '../../../agent/src/adapters/proxy-tunnel.ts'

const DEADLINE_MS = 10_000

const identitySchema = z.object({ enrollUrl: z.url().max(300) })

/**
 * Gives the certificate back: `POST /revoke` beside the `/enroll` it came from, over mutual TLS with the certificate itself.
 * @throws Error with one sentence when the cloud cannot be reached or does not know the request
 */
export async function revokeSelf(agentData: string, proxy?: string): Promise<void> {
  const read = (name: string) => readFileSync(join(agentData, 'identity', name), 'utf8')
  const { enrollUrl } = identitySchema.parse(JSON.parse(read('identity.json')))
  const url = new URL(enrollUrl)
  url.pathname = `${url.pathname.replace(/\/(enroll|renew)?\/?$/, '')}/revoke`
  const tls = { ca: read('ca.pem'), key: read('key.pem'), cert: read('certificate.pem') }
  const way = await findWay(url, tls, proxy)
  await new Promise<void>((resolve, reject) => {
    const asked = request(url, { method: 'POST', timeout: DEADLINE_MS, ...way }, (response) => {
      response.resume()
      response.once('end', () => {
        const status = response.statusCode ?? 0
        if (status >= 200 && status < 300) resolve()
        else reject(new Error(`it answered with status ${status}`))
      })
    })
    asked.once('timeout', () => asked.destroy(new Error('no answer in time')))
    asked.once('error', reject)
    asked.end()
  })
}

/** The TLS options of a direct connection, or one made through the proxy. */
async function findWay(
  url: URL,
  tls: { readonly ca: string; readonly key: string; readonly cert: string },
  proxy: string | undefined,
): Promise<RequestOptions> {
  if (proxy === undefined) return { agent: false, ...tls }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const tunnel = await openTunnel({ proxy, host, port: Number(url.port || 443), timeoutMs: DEADLINE_MS })
  const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host }
  return { createConnection: () => connect({ ...tls, ...name, host, socket: tunnel }) }
}
