import { createSocket } from 'node:dgram'
import { afterEach, describe, expect, it } from 'vitest'
import { snmpReader } from './snmp-session.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** Something on UDP 161 of a loopback address of its own, that answers each question with these bytes. */
function answering(ip: string, answer: (question: Buffer) => Buffer | undefined): Promise<void> {
  const socket = createSocket('udp4')
  ends.push(() => socket.close())
  socket.on('message', (question, from) => {
    const bytes = answer(question)
    if (bytes !== undefined) socket.send(bytes, from.port, from.address)
  })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(161, ip, () => resolve())
  })
}

const options = { community: 'public', timeoutMs: 200, retries: 0, maySend: () => true }

describe('SNMP against hostile or silent hosts', () => {
  it('survives an answer of two bytes that ends a bare session', async ({ skip }) => {
    await answering('127.0.0.77', () => Buffer.from([0x30, 0x7f])).catch(() => skip())
    const outcome = await snmpReader.get('127.0.0.77', ['1.3.6.1.2.1.1.3.0'], options)
    expect(['timeout', 'error']).toContain(outcome.kind)
  })

  it('calls silence a timeout, within its deadline', async () => {
    const startedAt = performance.now()
    expect(await snmpReader.get('127.0.0.78', ['1.3.6.1.2.1.1.3.0'], options)).toEqual({ kind: 'timeout' })
    expect(performance.now() - startedAt).toBeLessThan(2_500)
  })
})
