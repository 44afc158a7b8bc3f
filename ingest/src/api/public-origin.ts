import type { FastifyRequest } from 'fastify'
import type { WebContext } from './context.ts'

/**
 * The origin under which this browser sees us, for addresses that others send it back to. A `Host` that is none of our public names is not
 * believed: the first public name stands in for it.
 */
export function publicOrigin(
  { webUrl, publicHosts, isSecure }: Pick<WebContext, 'webUrl' | 'publicHosts' | 'isSecure'>,
  request: Pick<FastifyRequest, 'host' | 'hostname'>,
): string {
  if (webUrl !== undefined) return webUrl
  const isOurs = publicHosts.includes(request.hostname.replace(/^\[|\]$/g, ''))
  return `${isSecure ? 'https' : 'http'}://${isOurs ? request.host : (publicHosts[0] ?? 'localhost')}`
}

/** The same where nobody asks, for links in messages: what was set, else where we listen, under our first public name where that is no loopback address. */
export function standardOrigin(options: {
  readonly webUrl: string | undefined
  readonly publicHosts: readonly string[]
  readonly isBehindProxy: boolean
  /** E.g. `http://127.0.0.1:8080`. */
  readonly listening: string
}): string {
  const { webUrl, publicHosts, isBehindProxy, listening } = options
  if (webUrl !== undefined) return webUrl
  const [host = 'localhost'] = publicHosts
  if (isBehindProxy) return `https://${host}`
  const { protocol, hostname, port } = new URL(listening)
  if (hostname === '[::1]' || hostname.startsWith('127.')) return listening
  return `${protocol}//${host}${port === '' ? '' : `:${port}`}`
}
