import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { createTestCertificate } from '../testing/certificates.ts'
import { createMqttLink } from './mqtt-link.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

it('a proxy that answers after the deadline leaves no connection behind', async () => {
  const near: Socket[] = []
  const proxy = createServer((socket) => {
    near.push(socket)
    socket.on('error', () => undefined).resume()
    // One byte now and then keeps the question alive; the answer is whole only after the deadline.
    const answer = 'HTTP/1.1 200 OK\r\n\r\n'
    let told = 0
    const timer = setInterval(() => {
      socket.write(answer.slice(told, ++told))
      if (told === answer.length) clearInterval(timer)
    }, 20)
    socket.once('close', () => clearInterval(timer))
  }).listen(0, '127.0.0.1')
  ends.push(() => proxy.close())
  await once(proxy, 'listening')
  const { port } = proxy.address() as { port: number }
  const { certificatePem, keyPem } = createTestCertificate('box-1')
  const link = createMqttLink({
    identity: () => ({
      ...{ applianceId: 'box-1', locationId: 'loc-1', renewAfterMs: 0, enrollUrl: 'https://cloud.example' },
      ...{ mqttUrl: 'mqtts://cloud.example:8883', keyPem, certificatePem, caPem: certificatePem },
    }),
    lookup: () => Promise.reject(new Error('the proxy looks names up')),
    proxy: `http://127.0.0.1:${port}`,
  })
  const events = { onMessage: () => undefined, onClosed: () => undefined }
  const opening = link.open({
    route: { uplinkId: 'primary', resolvers: [] },
    ...{ will: new Uint8Array(), timeoutMs: 150, events },
  })
  await expect(opening).rejects.toThrow('no connection in time')
  const [socket] = near
  if (socket === undefined) throw new Error('nobody came')
  if (!socket.closed) await once(socket, 'close', { signal: AbortSignal.timeout(5_000) })
})
