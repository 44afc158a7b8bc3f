/**
 * The hosts behind the provider, in one program: two targets that take TCP connections, with a server for speed tests on the
 * second one, the payment processor, and the cloud's two ports, which lead out of the lab by unix sockets. Takes lines
 * `processor up|refused|silent|tls`, answers each with `processor is …`. (`silent` is made by the packet filter; here it means the same as `up`.)
 */
import { writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { createServer as createTlsServer } from 'node:tls'
import { createServerIdentity } from './certificate.ts'
import { listening, startForwarder } from './forwarder.ts'
import type { InternetConfig } from './services.ts'
import { createSpeedServer } from './speed-server.ts'

const config = JSON.parse(process.argv[2] ?? '') as InternetConfig
const idleMs = 10_000

const identity = createServerIdentity({ name: config.processorName, address: config.processorAddress })
writeFileSync(config.caFile, identity.caPem, { mode: 0o644 })

/** Ends connections that break or idle; reads and forgets what comes. */
function tend(socket: Socket): void {
  socket.on('error', () => undefined)
  socket.on('data', () => undefined)
  socket.setTimeout(idleMs, () => socket.destroy())
}

let isTlsBroken = false
const secure = createTlsServer({ key: identity.keyPem, cert: identity.certificatePem }, tend)
secure.on('tlsClientError', () => undefined)
/** Everything for the processor comes by this listener, so that one port can answer by TLS or break it. */
const processor = createServer((socket) => {
  if (!isTlsBroken) {
    secure.emit('connection', socket)
    return
  }
  tend(socket)
  socket.once('data', () => socket.destroy())
})
const openSockets = new Set<Socket>()
processor.on('connection', (socket) => {
  openSockets.add(socket)
  socket.once('close', () => openSockets.delete(socket))
})

async function setProcessor(mode: string): Promise<void> {
  isTlsBroken = mode === 'tls'
  if (mode === 'refused' && processor.listening) {
    processor.close()
    for (const socket of openSockets) socket.destroy()
  }
  if (mode !== 'refused' && !processor.listening) {
    await listening(processor, { host: config.processorAddress, port: 443 })
  }
}

const cloud = (port: number, path: string) => startForwarder({ host: config.cloudAddress, port }, { path })

await Promise.all([
  setProcessor('up'),
  cloud(8883, config.mqttSocket),
  cloud(8443, config.enrollSocket),
  ...config.targetAddresses.map((host) =>
    listening(
      createServer((socket) => {
        tend(socket)
        socket.end()
      }),
      { host, port: 443 },
    ),
  ),
  ...config.targetAddresses.slice(-1).map((host) => listening(createSpeedServer(), { host, port: 80 })),
])

async function obey(line: string): Promise<void> {
  const [subject, mode = ''] = line.split(' ')
  if (subject !== 'processor') return
  await setProcessor(mode)
  console.log(`processor is ${mode}`)
}

createInterface({ input: process.stdin }).on('line', (line) => void obey(line))
console.log('ready')
