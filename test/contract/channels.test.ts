import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Browser,
  dedupKeyOf,
  demoLocationId,
  startWeb,
  type WebUnderTest,
} from '../../ingest/src/api/web-under-test.ts'
import type { IncidentReport } from '../../ingest/src/faults/model.ts'
import { createSmtpMailer } from '../../ingest/src/notify/mailer.ts'
import { startMailServer } from './mail-server.ts'

const organizationId = 'org-tillwise'
const secondMs = 1_000

describe('notification channels with a real mail server and real receivers', () => {
  let mail: Awaited<ReturnType<typeof startMailServer>>
  let receiver: Server
  let hook = ''
  let answer = 200
  let received: { headers: IncomingHttpHeaders; body: string }[] = []
  let web: WebUnderTest
  let admin: Browser

  beforeAll(async () => {
    mail = await startMailServer({ refuses: (to) => to.startsWith('gone@') })
    receiver = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8')
      request.on('data', (chunk: string) => {
        body += chunk
      })
      request.on('end', () => {
        received.push({ headers: request.headers, body })
        response.writeHead(answer).end()
      })
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook/of/secrets`
  })
  afterAll(async () => {
    await mail.stop()
    receiver.closeAllConnections()
    await new Promise((resolve) => receiver.close(resolve))
  })
  beforeEach(async () => {
    received = []
    mail.mails.length = 0
    answer = 200
    web = await startWeb({ mailer: createSmtpMailer({ url: mail.url, from: 'alerts@proactive.example' }) })
    admin = await adminOf(organizationId)
  })
  afterEach(() => web.stop())

  async function adminOf(organization: string): Promise<Browser> {
    const email = `admin@${organization}.example`
    await web.directory.people.putUser(
      {
        id: `admin-${organization}`,
        organizationId: organization,
        teamIds: [],
        name: 'Ada',
        email,
        role: 'admin',
      },
      'a password to try',
    )
    return web.browserOf(email, 'a password to try')
  }
  const make = async (channel: object, browser = admin) =>
    browser.request({ method: 'POST', url: '/api/channels', payload: { name: 'Desk', ...channel } })
  const log = async (id: string) =>
    (await admin.request({ url: `/api/channels/${id}/deliveries` })).json().items
  async function tell(change: Partial<IncidentReport> = {}): Promise<void> {
    const report: IncidentReport = {
      key: dedupKeyOf(1),
      locationId: demoLocationId,
      faultClass: 'router-down',
      severity: 'critical',
      state: 'open',
      rootRole: 'router',
      headline: 'Router unreachable since 14:02',
      symptoms: '',
      diagnosis: 'It answers nothing.\n.\nStill nothing.',
      affectedDeviceIds: [],
      startedAtMs: web.clock.nowMs,
      openedAtMs: web.clock.nowMs,
      reasons: [],
      ...change,
    }
    await web.database.db.transaction().execute((trx) => web.notifier.queue(trx, report))
    await web.notifier.run()
  }

  it('mail its recipients of the opening and the recovery, once each', async () => {
    const { id } = (
      await make({ kind: 'email', recipients: ['desk@tillwise.example', 'two@tillwise.example'] })
    ).json()
    await tell()
    await tell()
    expect(mail.mails).toHaveLength(1)
    expect(mail.mails[0]).toMatchObject({
      from: 'alerts@proactive.example',
      to: ['desk@tillwise.example', 'two@tillwise.example'],
    })
    expect(mail.mails[0]?.source).toMatch(/^Subject: New: Cornerstone =\?UTF-8|^Subject: .*Cornerstone/m)
    expect(mail.mails[0]?.source).toContain('https://console.example/locations/loc-cornerstone')
    web.clock.nowMs += secondMs
    await tell({ state: 'closed', clearedAtMs: web.clock.nowMs })
    expect(mail.mails).toHaveLength(2)
    expect(
      (await log(id)).map(({ event, state }: { event: string; state: string }) => [event, state]),
    ).toEqual([
      ['recovered', 'delivered'],
      ['opened', 'delivered'],
    ])
  })

  it('sign a webhook so that its receiver can check it', async () => {
    const { secret } = (await make({ kind: 'webhook', url: hook })).json()
    await tell()
    const [first] = received
    const [, seconds = '', signature = ''] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(first?.headers['x-proactive-signature'])) ?? []
    expect(createHmac('sha256', secret).update(`${seconds}.${first?.body}`).digest('hex')).toBe(signature)
    expect(JSON.parse(first?.body ?? '')).toMatchObject({
      v: 1,
      event: 'opened',
      faultClass: 'router-down',
      delivery: first?.headers['x-proactive-delivery'],
    })
  })

  it('speak as Slack and Teams want it, and do not show what is secret about their addresses', async () => {
    await make({ kind: 'slack', url: hook })
    await make({ kind: 'teams', url: hook })
    await tell()
    const bodies = received.map(({ body }) => JSON.parse(body))
    expect(bodies.find(({ blocks }) => blocks)).toMatchObject({
      text: expect.stringContaining('Router unreachable'),
    })
    expect(bodies.find(({ attachments }) => attachments)).toMatchObject({
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive' }],
    })
    const { items } = (await admin.request({ url: '/api/channels' })).json()
    expect(JSON.stringify(items)).not.toContain('secrets')
    const rows = await web.database.db.selectFrom('channels').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain('secrets')
  })

  it('try again with growing pauses, a bounded number of times, with the same delivery id', async () => {
    const { id } = (await make({ kind: 'webhook', url: hook })).json()
    answer = 503
    await tell()
    for (let n = 0; n < 80; n++) {
      web.clock.nowMs += 30 * secondMs
      await web.notifier.run()
    }
    expect(received).toHaveLength(8)
    expect(new Set(received.map(({ headers }) => headers['x-proactive-delivery']))).toHaveLength(1)
    admin = await adminOf(organizationId)
    const [given] = await log(id)
    expect(given).toMatchObject({ state: 'dead', attempts: 8, lastError: 'It answered 503.' })
    // By hand it is told again, under the id that its receiver may know.
    answer = 204
    const again = `/api/channels/${id}/deliveries`
    expect((await admin.request({ method: 'POST', url: `${again}/${given.id}/replay` })).statusCode).toBe(204)
    expect((await admin.request({ method: 'POST', url: `${again}/note-none/replay` })).statusCode).toBe(404)
    await web.notifier.run()
    expect(received.splice(8).map(({ headers }) => headers['x-proactive-delivery'])).toEqual([given.id])
    expect(await log(id)).toMatchObject([{ state: 'delivered', attempts: 1 }])
    answer = 410
    await tell({ key: dedupKeyOf(2) })
    web.clock.nowMs += 60 * 60 * secondMs
    await web.notifier.run()
    expect(received).toHaveLength(9)
  })

  it('say at once, by "test", whether a message gets through', async () => {
    const test = async (id: string) =>
      (await admin.request({ method: 'POST', url: `/api/channels/${id}/test`, payload: {} })).json()
    const good = (await make({ kind: 'email', recipients: ['desk@tillwise.example'] })).json()
    expect(await test(good.id)).toMatchObject({ isGood: true })
    expect(mail.mails[0]?.source).toMatch(/Subject: Test: Example Location/)
    const bad = (await make({ kind: 'email', recipients: ['gone@tillwise.example'] })).json()
    expect(await test(bad.id)).toMatchObject({
      isGood: false,
      checks: [{ detail: expect.stringContaining('no such person here') }],
    })
    answer = 404
    const hooked = (await make({ kind: 'slack', url: hook })).json()
    expect(await test(hooked.id)).toMatchObject({ isGood: false, checks: [{ detail: 'It answered 404.' }] })
    expect(await log(hooked.id)).toMatchObject([{ event: 'test', state: 'dead' }])
  })

  it('call nothing inside', async () => {
    for (const url of [
      'http://127.0.0.2/',
      'https://10.0.0.1/',
      'https://[::1]/',
      'https://169.254.169.254/latest/',
      'http://example.com/',
      'https://user:secret@example.com/',
    ]) {
      const response = await make({ kind: 'webhook', url })
      expect([url, response.statusCode, response.json().code]).toEqual([url, 400, 'url-refused'])
    }
  })

  it('tell an Organization of its own Locations only, and show nobody else’s channels', async () => {
    await make({ kind: 'webhook', url: hook })
    await web.directory.places.removeStake({ locationId: demoLocationId, organizationId, kind: 'pos' })
    await tell()
    expect(received).toEqual([])
    const other = await adminOf('org-northwind')
    expect((await other.request({ url: '/api/channels' })).json().items).toEqual([])
    const { items } = (await admin.request({ url: '/api/channels' })).json()
    const url = `/api/channels/${items[0].id}`
    expect((await other.request({ method: 'DELETE', url })).statusCode).toBe(404)
    expect((await other.request({ method: 'POST', url: `${url}/test`, payload: {} })).statusCode).toBe(404)
    expect((await other.request({ url: `${url}/deliveries` })).statusCode).toBe(404)
    const foreign = await make({ kind: 'webhook', url: hook, locationIds: ['loc-nowhere'] })
    expect(foreign.statusCode).toBe(404)
  })

  it('are listed without a target when their secrets cannot be read any more, and work when it is entered anew', async () => {
    const made = (await make({ kind: 'webhook', url: hook })).json()
    await web.database.db
      .updateTable('channels')
      .set({ target: 'A'.repeat(80), secret: 'A'.repeat(80) })
      .execute()
    const [listed] = (await admin.request({ url: '/api/channels' })).json().items
    expect(listed).toMatchObject({ id: made.id, target: '' })
    const url = `/api/channels/${made.id}`
    const test = await admin.request({ method: 'POST', url: `${url}/test`, payload: {} })
    expect(test.json()).toMatchObject({ isGood: false })
    const payload = { name: 'Desk', kind: 'webhook' }
    expect((await admin.request({ method: 'PUT', url, payload })).statusCode).toBe(409)
    const changed = await admin.request({ method: 'PUT', url, payload: { ...payload, url: hook } })
    expect(changed.json()).toMatchObject({ target: hook, secret: expect.stringMatching(/^[\w-]{43}$/) })
    expect(changed.json().secret).not.toBe(made.secret)
    await tell()
    expect(received).toHaveLength(1)
    expect((await admin.request({ method: 'PUT', url, payload })).json().secret).toBeUndefined()
  })

  it('keep the address over an edit that does not name it, and fall silent when switched off', async () => {
    const {
      id,
      secret: _,
      target: __,
      createdAtMs: ___,
      ...rest
    } = (await make({ kind: 'webhook', url: hook })).json()
    const payload = { ...rest, name: 'Night desk', minSeverity: 'critical' }
    const url = `/api/channels/${id}`
    expect((await admin.request({ method: 'PUT', url, payload })).statusCode).toBe(200)
    await tell()
    expect(received).toHaveLength(1)
    answer = 503
    web.clock.nowMs += secondMs
    await tell({ key: dedupKeyOf(2) })
    await admin.request({ method: 'PUT', url, payload: { ...payload, isActive: false } })
    await tell({ key: dedupKeyOf(3) })
    answer = 200
    await admin.request({ method: 'PUT', url, payload })
    web.clock.nowMs += 60 * secondMs
    await web.notifier.run()
    expect(received).toHaveLength(2)
    expect((await log(id))[0]).toMatchObject({ state: 'dead', lastError: 'The channel was switched off.' })
    expect(
      (await admin.request({ method: 'PUT', url, payload: { ...payload, kind: 'slack' } })).statusCode,
    ).toBe(409)
  })
})
