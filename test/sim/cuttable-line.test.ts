import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type CuttableLine, startCuttableLine } from './cuttable-line.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** A line to a server that keeps what it hears. */
async function setUp(): Promise<{
  line: CuttableLine
  heard: () => string
  accepted: Promise<Socket>
  near: Socket
}> {
  let text = ''
  const server = createServer()
  const connections = new Set<Socket>()
  const accepted = new Promise<Socket>((resolve) =>
    server.on('connection', (socket) => {
      connections.add(socket)
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        server.emit('heard')
      })
      socket.on('error', () => undefined)
      resolve(socket)
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const line = await startCuttableLine({ targetPort: (server.address() as AddressInfo).port, isUp: true })
  const near = connect(line.port, '127.0.0.1')
  near.on('error', () => undefined)
  ends.push(
    () => {
      for (const socket of connections) socket.destroy()
      return new Promise((resolve) => server.close(resolve))
    },
    () => line.stop(),
    () => near.destroy(),
  )
  return { line, heard: () => text, accepted, near }
}

describe('a line that can be cut', () => {
  it('holds back what is said while it is cut, and carries it on when it is whole', async () => {
    const { line, heard, accepted, near } = await setUp()
    near.write('before ')
    const far = await accepted
    while (!heard().includes('before')) await once(far, 'data')
    line.setUp(false)
    near.write('during ')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(heard()).toBe('before ')
    line.setUp(true)
    while (!heard().includes('during')) await once(far, 'data')
    expect(heard()).toBe('before during ')
  })

  it('tells nobody that an end went away while it is cut', async () => {
    const { line, accepted, near } = await setUp()
    near.write('hello')
    const far = await accepted
    let isClosed = false
    far.on('close', () => {
      isClosed = true
    })
    line.setUp(false)
    near.destroy()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(isClosed).toBe(false)
    line.setUp(true)
    if (!isClosed) await once(far, 'close')
    expect(isClosed).toBe(true)
  })

  it('lets nobody through who connects while it is cut', async () => {
    const { line, heard, near } = await setUp()
    await once(near, 'connect')
    line.setUp(false)
    const late = connect(line.port, '127.0.0.1')
    late.on('error', () => undefined)
    await once(late, 'connect')
    late.write('late')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(heard()).toBe('')
    late.destroy()
  })
})
