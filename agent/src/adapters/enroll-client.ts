import { createHash } from 'node:crypto'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { connect as connectTls, type DetailedPeerCertificate } from 'node:tls'
import { ProactiveError } from '@proactive/shared'
import {
  type ClaimBundle,
  type EnrollAnswer,
  enrollAnswerSchema,
  problemSchema,
} from '@proactive/shared/http'
import type { Identity } from './identity-store.ts'
import { openTunnel } from './proxy-tunnel.ts'

/** Enrolment or renewal did not work; the message is one sentence for the person at the keyboard. */
export class EnrollError extends ProactiveError {
  readonly code = 'enroll'
  override readonly retryable: boolean

  constructor(message: string, options: ErrorOptions & { retryable: boolean }) {
    super(message, options)
    this.retryable = options.retryable
  }
}

const timeoutMs = 10_000
const maxAnswerBytes = 64 * 1024

/**
 * Trades a claim token and a certification request for an identity.
 * The server is believed only when its chain holds the CA whose SHA-256 came with the token; then that CA is the sole anchor.
 * @throws EnrollError
 */
export async function enroll(bundle: ClaimBundle, csrPem: string, proxy?: string): Promise<EnrollAnswer> {
  const url = new URL(bundle.url)
  if (url.protocol !== 'https:')
    throw fatal(`The claim's address ${bundle.url} is not https; ask for a new claim.`)
  const caPem = await fetchAnchor(url, bundle.caSha256, await tunnelTo(url, proxy))
  return post(enrollPath(url, 'enroll'), { token: bundle.token, csrPem }, { ca: caPem }, proxy)
}

/** Renews the certificate for the same key over mutual TLS. @throws EnrollError */
export function renew(identity: Identity, csrPem: string, proxy?: string): Promise<EnrollAnswer> {
  const { caPem, keyPem, certificatePem } = identity
  return post(
    enrollPath(new URL(identity.enrollUrl), 'renew'),
    { csrPem },
    { ca: caPem, key: keyPem, cert: certificatePem },
    proxy,
  )
}

/** A bundle may name the server or the full path of `/enroll`. */
function enrollPath(url: URL, name: 'enroll' | 'renew'): URL {
  const result = new URL(url)
  const base = result.pathname.replace(/\/(enroll|renew)?\/?$/, '')
  result.pathname = `${base}/${name}`
  return result
}

/** Host and port of an address; the name is sent with the TLS greeting, which an IP address must not be (RFC 6066 §3). */
function serverOf(url: URL): { readonly host: string; readonly port: number; readonly servername?: string } {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return {
    host,
    port: Number(url.port || 443),
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
  }
}

/** The connection through the proxy, where there is one. @throws EnrollError */
async function tunnelTo(url: URL, proxy: string | undefined): Promise<Socket | undefined> {
  if (proxy === undefined) return undefined
  try {
    return await openTunnel({ proxy, ...serverOf(url), timeoutMs })
  } catch (error) {
    throw unreachable(url, error instanceof Error ? error : new Error(String(error)))
  }
}

/** Finds the CA of the wanted fingerprint in the chain that the server shows; nothing is sent to a server before that. */
function fetchAnchor(url: URL, caSha256: string, tunnel: Socket | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      ...serverOf(url),
      ...(tunnel === undefined ? {} : { socket: tunnel }),
      // Only the fingerprint decides; nothing but the handshake happens on this connection.
      rejectUnauthorized: false,
    })
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('no answer in time')))
    socket.once('error', (cause) => reject(unreachable(url, cause)))
    socket.once('secureConnect', () => {
      const anchor = chainOf(socket.getPeerCertificate(true)).find((raw) => sha256(raw) === caSha256)
      socket.destroy()
      if (anchor === undefined) {
        reject(
          fatal(
            `The server at ${url.host} is not the one this claim was made for (its CA has another fingerprint); ` +
              'check the network for a proxy, or ask for a new claim.',
          ),
        )
        return
      }
      resolve(toPem(anchor))
    })
  })
}

function chainOf(leaf: DetailedPeerCertificate): Buffer[] {
  const chain: Buffer[] = []
  let certificate: DetailedPeerCertificate | undefined = leaf
  while (certificate?.raw !== undefined && chain.length < 8) {
    const { raw } = certificate
    if (chain.some((known) => known.equals(raw))) break
    chain.push(raw)
    certificate = certificate.issuerCertificate
  }
  return chain
}

async function post(
  url: URL,
  body: unknown,
  tls: { readonly ca: string; readonly key?: string; readonly cert?: string },
  proxy: string | undefined,
): Promise<EnrollAnswer> {
  const tunnel = await tunnelTo(url, proxy)
  return await new Promise((resolve, reject) => {
    const text = JSON.stringify(body)
    const request = httpsRequest(
      url,
      {
        method: 'POST',
        timeout: timeoutMs,
        ...(tunnel === undefined
          ? { agent: false, ...tls }
          : { createConnection: () => connectTls({ ...tls, ...serverOf(url), socket: tunnel }) }),
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'content-length': Buffer.byteLength(text),
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > maxAnswerBytes) response.destroy(new Error('the answer is too long'))
          else chunks.push(chunk)
        })
        response.once('error', (cause) => reject(unreachable(url, cause)))
        response.once('end', () => {
          try {
            resolve(readAnswer(url, response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8')))
          } catch (error) {
            reject(error)
          }
        })
      },
    )
    request.once('timeout', () => request.destroy(new Error('no answer in time')))
    request.once('error', (cause) => reject(unreachable(url, cause)))
    request.end(text)
  })
}

function readAnswer(url: URL, status: number, text: string): EnrollAnswer {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    body = undefined
  }
  if (status >= 200 && status < 300) {
    const parsed = enrollAnswerSchema.safeParse(body)
    if (parsed.success) return parsed.data
    throw fatal(`The server at ${url.host} answered with something this version does not understand.`)
  }
  const problem = problemSchema.safeParse(body)
  const detail = problem.success ? (problem.data.detail ?? problem.data.title) : `status ${status}`
  const isBusy = status === 429 || status >= 500
  const advice = isBusy ? 'try again later' : 'ask for a new claim token'
  throw new EnrollError(`The cloud refused: ${detail.replace(/\.$/, '')}; ${advice}.`, { retryable: isBusy })
}

function unreachable(url: URL, cause: Error): EnrollError {
  if (cause instanceof EnrollError) return cause
  const why = cause.message || (cause as NodeJS.ErrnoException).code || 'no answer'
  return new EnrollError(
    `The cloud at ${url.host} cannot be reached (${why}); check the appliance's network and try again.`,
    { cause, retryable: true },
  )
}

function fatal(message: string): EnrollError {
  return new EnrollError(message, { retryable: false })
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function toPem(raw: Buffer): string {
  const lines = raw.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
