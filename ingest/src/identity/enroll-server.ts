import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { EpochMs } from '@proactive/shared'
import { type EnrollAnswer, enrollRequestSchema, type Problem } from '@proactive/shared/http'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import { z } from 'zod'
import { boundAddress, type ListenAddress, listen } from '../net/listen.ts'
import { networkOf } from '../net/network-of.ts'
import type { CertificateAuthority } from './authority.ts'
import { createEnrollment } from './enrollment.ts'
import { EnrollmentRefusedError, type RefusalCode } from './errors.ts'
import type { ApplianceRegistry, ClaimStore } from './ports.ts'
import { createTryLimiter } from './try-limiter.ts'

/**
 * The door for appliances without an identity, for renewing one and for giving it back: `POST /enroll`, `POST /renew`,
 * `POST /revoke` over our own authority's TLS.
 */
export interface EnrollServer {
  start(at: ListenAddress): Promise<ListenAddress>
  /** Safe to call twice. */
  stop(): Promise<void>
}

export interface EnrollServerOptions {
  readonly authority: CertificateAuthority
  readonly claims: ClaimStore
  readonly registry: ApplianceRegistry
  readonly mqttUrl: () => string
  readonly metrics: Registry
  readonly logger: Logger
  readonly nowMs: () => EpochMs
}

const maxBodyBytes = 16_384
const renewRequestSchema = z.strictObject({ csrPem: enrollRequestSchema.shape.csrPem })

const statusOf: Record<RefusalCode, number> = {
  'csr-invalid': 400,
  'token-invalid': 403,
  'too-many-tries': 429,
  'certificate-required': 401,
  'certificate-revoked': 403,
  'appliance-unknown': 403,
}

export function createEnrollServer(options: EnrollServerOptions): EnrollServer {
  const { authority, logger, nowMs } = options
  const enrollment = createEnrollment(options)
  const limiter = createTryLimiter({ tries: 20, windowMs: 15 * 60_000, nowMs })
  const requests = new Counter({
    name: 'proactive_enrollments_total',
    help: 'Enrolments, renewals and certificates given back, by how they ended',
    labelNames: ['path', 'outcome'],
    registers: [options.metrics],
  })

  async function enroll(request: IncomingMessage, address: string): Promise<EnrollAnswer> {
    const body = enrollRequestSchema.parse(await readJson(request))
    const network = networkOf(address)
    const waitMs = limiter.take(network)
    if (waitMs > 0) {
      throw new EnrollmentRefusedError(
        'too-many-tries',
        `Too many tries from this address: wait ${Math.ceil(waitMs / 60_000)} minutes.`,
      )
    }
    const answer = await enrollment.enroll(body)
    limiter.giveBack(network)
    return answer
  }

  async function renew(request: IncomingMessage): Promise<EnrollAnswer> {
    const applianceId = certificateName(request.socket as TLSSocket)
    const { csrPem } = renewRequestSchema.parse(await readJson(request))
    return enrollment.renew(applianceId, csrPem)
  }

  /** An appliance that is reset gives its certificate back; asking again changes nothing. */
  async function revoke(request: IncomingMessage): Promise<string> {
    const applianceId = certificateName(request.socket as TLSSocket)
    request.resume()
    await enrollment.revoke(applianceId)
    return applianceId
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0]
    const address = request.socket.remoteAddress ?? ''
    const isKnown =
      request.method === 'POST' && (path === '/enroll' || path === '/renew' || path === '/revoke')
    if (!isKnown) {
      const detail = 'There is POST /enroll, POST /renew and POST /revoke here, nothing else.'
      return problem(response, 404, 'not-found', detail)
    }
    try {
      if (path === '/revoke') {
        const applianceId = await revoke(request)
        requests.inc({ path, outcome: 'ok' })
        logger.info({ path, applianceId, address }, 'certificate given back')
        response.writeHead(204, { 'cache-control': 'no-store' }).end()
        return
      }
      const body = path === '/enroll' ? await enroll(request, address) : await renew(request)
      requests.inc({ path, outcome: 'ok' })
      logger.info(
        { path, applianceId: body.applianceId, locationId: body.locationId, address },
        'certificate issued',
      )
      json(response, path === '/enroll' ? 201 : 200, 'application/json', body)
    } catch (err) {
      // A sender that hung up in the middle gets no answer and is nobody's error.
      if (!request.destroyed || request.complete) refuse(response, path, address, err)
    }
  }

  function refuse(response: ServerResponse, path: string, address: string, err: unknown): void {
    if (err instanceof EnrollmentRefusedError) {
      requests.inc({ path, outcome: err.code })
      logger.warn({ path, address, code: err.code }, 'enrolment refused')
      if (err.code === 'too-many-tries') response.setHeader('retry-after', '900')
      problem(response, statusOf[err.code], err.code, err.message)
    } else if (err instanceof BadBodyError || err instanceof z.ZodError) {
      requests.inc({ path, outcome: 'body-invalid' })
      const isTooLarge = err instanceof BadBodyError && err.isTooLarge
      const detail = 'The body must be JSON with token and csrPem as the appliance sends them.'
      problem(response, isTooLarge ? 413 : 400, 'body-invalid', detail)
    } else {
      requests.inc({ path, outcome: 'failed' })
      logger.error({ err, path, address }, 'enrolment failed')
      problem(response, 503, 'unavailable', 'The cloud cannot enrol at the moment: try again in a minute.')
    }
  }

  const server: Server = createServer(
    {
      cert: authority.server.certificatePem,
      key: authority.server.keyPem,
      ca: authority.caPem,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      handshakeTimeout: 10_000,
      headersTimeout: 10_000,
      requestTimeout: 15_000,
      keepAliveTimeout: 5_000,
      maxHeaderSize: 8_192,
    },
    (request, response) => void answer(request, response),
  )
  server.maxConnections = 500
  server.on('tlsClientError', (err, socket) => {
    logger.debug({ err, address: socket.remoteAddress }, 'TLS handshake failed at enrolment')
  })

  return {
    async start(at) {
      await listen(server, at)
      return boundAddress(server)
    },
    async stop() {
      if (!server.listening) return
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

/** CN of a certificate that our authority signed and that is valid now. @throws EnrollmentRefusedError `certificate-required`. */
function certificateName(socket: TLSSocket): string {
  const name = socket.authorized ? socket.getPeerCertificate().subject?.CN : undefined
  if (typeof name === 'string' && name !== '') return name
  throw new EnrollmentRefusedError(
    'certificate-required',
    'This needs the present, still valid certificate; without one the appliance must be claimed anew.',
  )
}

class BadBodyError extends Error {
  readonly isTooLarge: boolean

  constructor(message: string, isTooLarge: boolean) {
    super(message)
    this.isTooLarge = isTooLarge
  }
}

/** The body, read to its end but kept only up to the cap; the server's request timeout bounds the rest. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size <= maxBodyBytes) chunks.push(chunk)
  }
  if (size > maxBodyBytes) throw new BadBodyError(`more than ${maxBodyBytes} bytes`, true)
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new BadBodyError('not JSON', false)
  }
}

function problem(response: ServerResponse, status: number, code: string, detail: string): void {
  const body: Problem = { type: 'about:blank', title: code, status, code, detail }
  json(response, status, 'application/problem+json', body)
}

function json(response: ServerResponse, status: number, type: string, body: unknown): void {
  if (response.headersSent || response.destroyed) return
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...(status === 413 ? { connection: 'close' } : {}),
  })
  response.end(text)
}
