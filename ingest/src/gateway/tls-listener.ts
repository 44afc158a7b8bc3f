import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { CertifiedKey } from '../identity/certificates.ts'
import { boundAddress, type ListenAddress, listen } from '../net/listen.ts'

export interface TlsListenerOptions {
  readonly server: CertifiedKey
  /** Only certificates of this authority get in. */
  readonly caPem: string
  /** Connections of one address that are not admitted yet. Admitted ones are bounded by identity: one per appliance. */
  readonly maxPendingPerAddress: number
  readonly maxConnections: number
  readonly handshakeTimeoutMs: number
  readonly onConnection: (socket: TLSSocket) => void
  readonly onRefused: (reason: string, address: string) => void
}

/** The mutual-TLS door: counts strangers per address, gives them little time, and lets in only who shows our authority's certificate. */
export interface TlsListener {
  start(at: ListenAddress): Promise<ListenAddress>
  /** The connection is a session now, or gone: it no longer counts as a stranger. */
  settle(socket: TLSSocket): void
  /** Takes no new connections; open ones stay until they are closed. */
  stop(): Promise<void>
}

export function createTlsListener(options: TlsListenerOptions): TlsListener {
  const pendingByAddress = new Map<string, Set<number>>()
  const placeByPort = (socket: Socket) => ({
    address: socket.remoteAddress ?? '',
    port: socket.remotePort ?? 0,
  })

  function settle({ address, port }: { address: string; port: number }): void {
    const pending = pendingByAddress.get(address)
    pending?.delete(port)
    if (pending?.size === 0) pendingByAddress.delete(address)
  }

  const server: Server = createServer(
    {
      cert: options.server.certificatePem,
      key: options.server.keyPem,
      ca: options.caPem,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      handshakeTimeout: options.handshakeTimeoutMs,
      noDelay: true,
    },
    (socket) => options.onConnection(socket),
  )
  server.maxConnections = options.maxConnections
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined)
    const place = placeByPort(socket)
    const pending = pendingByAddress.get(place.address) ?? new Set()
    if (pending.size >= options.maxPendingPerAddress) {
      options.onRefused('too-many-pending', place.address)
      socket.destroy()
      return
    }
    pendingByAddress.set(place.address, pending.add(place.port))
    socket.once('close', () => settle(place))
  })
  server.on('drop', () => options.onRefused('too-many-connections', ''))
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    options.onRefused(handshakeReason(error, socket), socket.remoteAddress ?? '')
  })

  return {
    async start(at) {
      await listen(server, at)
      return boundAddress(server)
    },
    settle: (socket) => settle(placeByPort(socket)),
    stop: () => new Promise((resolve) => (server.listening ? server.close(() => resolve()) : resolve())),
  }
}

/** A label of few values for what OpenSSL says. */
function handshakeReason(error: NodeJS.ErrnoException, socket: TLSSocket): string {
  if (socket.authorizationError)
    return `certificate-${String(socket.authorizationError).toLowerCase().replaceAll('_', '-')}`
  switch (error.code) {
    case 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE':
      return 'certificate-missing'
    case 'ERR_SSL_CERTIFICATE_VERIFY_FAILED':
      return 'certificate-not-ours'
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
    case 'ERR_SSL_VERSION_TOO_LOW':
      return 'tls-version'
    case 'ERR_TLS_HANDSHAKE_TIMEOUT':
      return 'handshake-timeout'
    case 'ECONNRESET':
      return 'handshake-abandoned'
    default:
      return 'handshake-failed'
  }
}
