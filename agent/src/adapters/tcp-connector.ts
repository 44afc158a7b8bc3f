import { isIP, type Socket, connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Connector, ConnectOutcome, HandshakeOutcome } from '../ports/index.ts'

const dayMs = 86_400_000

/** TCP and TLS by Node. Writes no application data; hangs up at once. */
export const tcpConnector: Connector = {
  async connect(ip, port, options) {
    const { outcome, socket } = await open(ip, port, options)
    socket.destroy()
    return outcome
  },
  async handshake(ip, port, options) {
    const { outcome, socket } = await open(ip, port, options)
    if (outcome.kind !== 'connected') {
      socket.destroy()
      return { kind: 'tcp-failed', outcome }
    }
    return shakeHands(socket, outcome.tookMs, options)
  },
}

type OpenOptions = { readonly timeoutMs: number; readonly localAddress?: string }

function open(ip: string, port: number, { timeoutMs, localAddress }: OpenOptions) {
  return new Promise<{ outcome: ConnectOutcome; socket: Socket }>((resolve) => {
    const startedAt = performance.now()
    const socket = connectTcp({ host: ip, port, ...(localAddress === undefined ? {} : { localAddress }) })
    const end = (outcome: ConnectOutcome) => {
      clearTimeout(timer)
      resolve({ outcome, socket })
    }
    const tookMs = () => performance.now() - startedAt
    const timer = setTimeout(
      () => end({ kind: 'timeout', tookMs: tookMs(), detail: `no answer in ${timeoutMs} ms` }),
      timeoutMs,
    )
    // Stays for the socket's whole life: a late error must not become an uncaught one.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? 'error'
      const kind = code === 'ECONNREFUSED' ? 'refused' : /UNREACH/.test(code) ? 'unreachable' : 'error'
      end({ kind, tookMs: tookMs(), detail: code })
    })
    socket.once('connect', () => end({ kind: 'connected', tookMs: tookMs() }))
  })
}

function shakeHands(
  raw: Socket,
  tcpMs: number,
  { timeoutMs, serverName }: { readonly timeoutMs: number; readonly serverName: string },
): Promise<HandshakeOutcome> {
  return new Promise((resolve) => {
    const startedAt = performance.now()
    const secure = connectTls({
      socket: raw,
      ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
      // Processors use private CAs; whether the door opens is the question, not whom it trusts. The certificate's end is reported.
      rejectUnauthorized: false,
    })
    const end = (outcome: HandshakeOutcome) => {
      clearTimeout(timer)
      secure.destroy()
      raw.destroy()
      resolve(outcome)
    }
    const fail = (detail: string) => end({ kind: 'tls-failed', tcpMs, detail: detail.slice(0, 120) })
    const timer = setTimeout(() => fail(`no handshake in ${timeoutMs} ms`), timeoutMs)
    secure.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message))
    secure.once('close', () => fail('closed during the handshake'))
    secure.once('secureConnect', () => {
      const validTo = Date.parse(secure.getPeerCertificate().valid_to ?? '')
      const certificateDays = Number.isNaN(validTo) ? 0 : Math.floor((validTo - Date.now()) / dayMs)
      end({ kind: 'connected', tcpMs, tlsMs: performance.now() - startedAt, certificateDays })
    })
  })
}
