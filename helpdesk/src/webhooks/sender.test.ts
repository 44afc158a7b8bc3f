import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDesk, type Desk, nils, paula, stranger } from '../api/desk-fixture.ts'
import { createWebhookSender, type WebhookSender } from './sender.ts'

let desk: Desk
let sender: WebhookSender
let url: string
let received: { headers: Record<string, unknown>; text: string }[]
let answers: number[]
let server: ReturnType<typeof createServer>
beforeEach(async () => {
  received = []
  answers = []
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      received.push({ headers: request.headers, text })
      response.writeHead(answers.shift() ?? 204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  desk = await createDesk({ allowedHosts: ['127.0.0.1'] })
  sender = createWebhookSender({
    db: desk.db,
    guard: desk.guard,
    nowMs: desk.nowMs,
    log: pino({ level: 'silent' }),
    deliveries: desk.metrics.deliveries,
  })
})
afterEach(async () => {
  await sender.stop()
  await desk.stop()
  server.closeAllConnections()
  server.close()
})

const adminOf = (person: typeof nils) => ({ ...person, role: 'admin' as const })
const hook = async (person: typeof nils) =>
  (await desk.call(adminOf(person), 'POST', '/api/webhooks', { url })).body as { id: string; secret: string }
const log = async (id: string, person = nils) =>
  (await desk.call(adminOf(person), 'GET', `/api/webhooks/${id}/deliveries`)).body.items as {
    id: string
    state: string
    attempts: number
    lastStatus?: number
  }[]

describe('webhooks out', () => {
  it('tell each change, signed, to the Organizations that see the Issue and to nobody else', async () => {
    const [network, pos, other] = [await hook(nils), await hook(paula), await hook(stranger)]
    await desk.open('a')
    await sender.run()
    expect(received).toHaveLength(2)
    expect(await log(other.id, stranger)).toEqual([])
    const secrets = [network.secret, pos.secret]
    for (const { headers, text } of received) {
      const [, seconds, signature] =
        /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-proactive-signature'])) ?? []
      const isSigned = secrets.some(
        (secret) => createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex') === signature,
      )
      expect(isSigned).toBe(true)
      expect(JSON.parse(text)).toMatchObject({
        v: 1,
        type: 'issue.changed',
        delivery: headers['x-proactive-delivery'],
        issue: { number: 1, status: 'Unclaimed' },
      })
    }
    await sender.run()
    expect(received).toHaveLength(2)
    await desk.call(nils, 'POST', '/api/issues/issue-1/claim')
    await sender.run()
    expect(received).toHaveLength(4)
  })

  it('are tried again with growing pauses, then given up, and can be replayed', async () => {
    const { id } = await hook(nils)
    await desk.open('a')
    answers = Array.from({ length: 10 }, () => 503)
    await sender.run()
    await sender.run()
    expect(received).toHaveLength(1)
    for (let attempt = 0; attempt < 12; attempt += 1) {
      desk.advance(3_600_000)
      await sender.run()
    }
    expect(received).toHaveLength(10)
    const [dead] = await log(id)
    expect(dead).toMatchObject({ state: 'dead', attempts: 10, lastStatus: 503 })
    const replay = `/api/webhooks/${id}/deliveries/${dead?.id}/replay`
    expect((await desk.call(adminOf(paula), 'POST', replay)).status).toBe(404)
    expect((await desk.call(adminOf(nils), 'POST', replay)).body).toMatchObject({ state: 'waiting' })
    await sender.run()
    expect(await log(id)).toMatchObject([{ id: dead?.id, state: 'delivered', lastStatus: 204 }])
    expect(new Set(received.map(({ headers }) => headers['x-proactive-delivery']))).toEqual(
      new Set([dead?.id]),
    )
  })

  it('follow no redirect, and refuse at the sending what became private after it was given', async () => {
    const { id } = await hook(nils)
    answers = [302]
    await desk.open('a')
    await sender.run()
    expect(await log(id)).toMatchObject([{ state: 'waiting', lastStatus: 302 }])
    await desk.db.updateTable('webhooks').set({ url: 'https://10.0.0.1/x' }).execute()
    desk.advance(60_000)
    await sender.run()
    expect(await log(id)).toMatchObject([{ state: 'dead' }])
    expect(received).toHaveLength(1)
  })

  it('go on where they stood after a restart', async () => {
    await hook(nils)
    await desk.open('a')
    const again = createWebhookSender({
      db: desk.db,
      guard: desk.guard,
      nowMs: desk.nowMs,
      log: pino({ level: 'silent' }),
      deliveries: desk.metrics.deliveries,
    })
    await again.run()
    await sender.run()
    expect(received).toHaveLength(1)
  })

  it('refuse an address inside', async () => {
    const refused = await desk.call(adminOf(nils), 'POST', '/api/webhooks', { url: 'https://192.168.1.1/x' })
    expect([refused.status, refused.body.code]).toEqual([422, 'url-refused'])
  })
})
