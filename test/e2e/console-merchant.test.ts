import { join } from 'node:path'
import { userSchema } from '@proactive/shared/http'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createDatabase } from '../../ingest/src/db/index.ts'
import { createDirectory } from '../../ingest/src/directory/index.ts'
import { startMailServer } from '../contract/mail-server.ts'
import { expectAccessible } from './fixture/accessible.ts'
import { hasBrowser, openBrowser } from './fixture/browser.ts'
import { hostile, hostileName, watchForHarm } from './fixture/hostile.ts'
import { canRunLab, quietly, useStack } from './fixture/stack.ts'

describe.skipIf(!canRunLab || !hasBrowser)('the merchant’s page on a phone', () => {
  let mail: Awaited<ReturnType<typeof startMailServer>>
  let dataDir = ''
  beforeAll(async () => {
    mail = await startMailServer()
    vi.stubEnv('PROACTIVE_SMTP_URL', mail.url)
    vi.stubEnv('PROACTIVE_MAIL_FROM', 'alerts@proactive.example')
  })
  const stack = useStack({
    hasBackupUplink: true,
    agentEnv: (folder) => {
      dataDir = folder
      return {}
    },
  })
  let desk: Page
  let phone: Page
  let link = ''
  const errors: string[] = []
  const closing: (() => Promise<void>)[] = []

  beforeAll(async () => {
    const [atDesk, atShop] = await Promise.all([openBrowser(), openBrowser()])
    closing.push(atDesk.close, atShop.close)
    desk = await atDesk.context.newPage()
    phone = await atShop.context.newPage()
    await phone.setViewportSize({ width: 360, height: 780 })
    for (const page of [desk, phone]) {
      page.on('pageerror', (error) => errors.push(error.message))
      page.on('console', (message) => {
        if (/content security policy/i.test(message.text())) errors.push(message.text())
      })
    }
  })
  afterAll(async () => {
    for (const close of closing) await close()
    await mail?.stop()
    vi.unstubAllEnvs()
  })

  async function logIn(title: RegExp): Promise<void> {
    const user = stack().demo.users.find((candidate) => title.test(candidate.title))
    if (user === undefined) throw new Error(`the demo has nobody like ${title}`)
    await desk.context().clearCookies()
    await desk.goto(stack().cloud.webUrl)
    await desk.getByLabel('E-mail').fill(user.email)
    await desk.getByLabel('Password').fill(user.password)
    await desk.getByRole('button', { name: 'Log in' }).click()
    await desk.getByRole('heading', { name: 'Locations', exact: true }).waitFor()
  }

  it('is opened by a link from the Location page, without an account, and says that cards work', async () => {
    await logIn(/pos/i)
    await desk.getByRole('link', { name: 'Cornerstone Café' }).click()
    await desk.getByRole('button', { name: 'Make a link' }).click()
    await desk.getByRole('img', { name: 'The link as a QR code' }).waitFor()
    link = await desk.getByLabel('Address', { exact: true }).inputValue()
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/m#[\w-]{22}$/)
    await expectAccessible(desk, 'location-merchant-link')

    const requested: string[] = []
    phone.on('request', (request) => requested.push(request.url()))
    await phone.goto(link)
    await phone.getByRole('heading', { level: 1, name: 'You can take cards' }).waitFor()
    await phone.getByText('We know of nothing that is wrong.').waitFor()
    // The token is in no address that left the phone.
    expect(requested.filter((url) => url.split('#')[0]?.includes(link.split('#')[1] ?? 'no token'))).toEqual(
      [],
    )
    const bytes = await phone.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter((entry) => entry instanceof PerformanceResourceTiming && entry.name.endsWith('.js'))
        .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0),
    )
    process.stderr.write(`${bytes} bytes of script on the merchant’s page\n`)
    expect(bytes).toBeGreaterThan(5_000)
    expect(bytes).toBeLessThan(60_000)
    await expectAccessible(phone, 'merchant-ok')
  })

  it('takes a report to the desk, as text whatever it holds, and brings the answer back', async () => {
    await phone.getByText('Report a problem').click()
    await phone.getByLabel('What is wrong?').fill('<img src=x onerror=alert(1)> No line at till 2')
    await phone.getByLabel(/Your name/).fill('Rosa')
    await phone.getByRole('button', { name: 'Send' }).click()
    await phone.getByText('Thank you, we have passed it on.').waitFor()
    await phone.locator('.talk li', { hasText: '<img src=x onerror=alert(1)> No line at till 2' }).waitFor()
    await phone.getByText('You can send 4 more within the hour.').waitFor()
    await expectAccessible(phone, 'merchant-report')

    await desk.getByRole('link', { name: 'Issues', exact: true }).click()
    await desk.locator('.case', { hasText: 'Merchant reports a problem' }).getByRole('link').click()
    await desk.getByText('<img src=x onerror=alert(1)> No line at till 2').first().waitFor()
    await desk.getByRole('button', { name: 'Claim' }).click()
    await desk.locator('.facts', { hasText: 'Remote' }).waitFor()
    await desk
      .getByRole('button', { name: /Public/ })
      .first()
      .click()
    await desk.getByRole('textbox', { name: /Public/ }).fill('We are looking at till 2.')
    await desk
      .getByRole('button', { name: /Send|Add/ })
      .first()
      .click()
    await phone.reload()
    await phone.locator('.talk li[data-from="us"]', { hasText: 'We are looking at till 2.' }).waitFor()
    await phone.getByText(/Tillwise POS has been working on it since/).waitFor()
  })

  it('lets the Organization be told by mail of what breaks', async () => {
    const admin = await (await openAdmin('org-tillwise')).newPage()
    await admin.goto(`${stack().cloud.webUrl}/admin?section=channels`)
    await admin.getByLabel('Name', { exact: true }).fill('Till desk')
    await admin.getByLabel('Recipients').fill('desk@tillwise.example')
    await admin.getByRole('button', { name: 'Add the channel' }).click()
    await admin.getByText('The channel is there: test it.').waitFor()
    await admin.context().close()
  })

  /** Another browser, logged in. The demo has no admins: one is made beside the running program, as its own command line would. */
  async function openAdmin(organizationId: string) {
    const email = `admin@${organizationId}.example`
    const database = await createDatabase({ dataDir: join(dataDir, 'ingest') })
    const { people } = createDirectory({ database, nowMs: Date.now })
    const user = {
      id: `user-${organizationId}`,
      ...{ organizationId, teamIds: [], name: 'Ada', email, role: 'admin' },
    }
    await people.putUser(userSchema.parse(user), 'a long enough sentence')
    await database.stop()
    const browser = await openBrowser()
    closing.push(browser.close)
    const page = await browser.context.newPage()
    await page.goto(stack().cloud.webUrl)
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password').fill('a long enough sentence')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'Locations', exact: true }).waitFor()
    return browser.context
  }

  it('says in one plain sentence what is wrong and who is on it, by itself', async () => {
    await quietly(stack(), 'fault', 'router-down')
    await phone
      .getByText(/Your router does not answer\. Your card terminals are not at fault\. Since/)
      .waitFor({ timeout: 45_000 })
    await phone.getByText(/Northwind Networks was told at|The team that answers for it/).waitFor()
    await expectAccessible(phone, 'merchant-router-down')
    await expect
      .poll(() => mail.mails.map(({ to }) => to), { timeout: 20_000 })
      .toEqual([['desk@tillwise.example']])
    expect(mail.mails[0]?.source.replaceAll('=\r\n', '')).toMatch(/Router unreachable since \d\d:\d\d/)
    await phone.getByRole('button', { name: 'It does not work' }).click()
    await phone.getByText('Thank you, we have passed it on.').waitFor()
    const extra = await phone.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(extra).toBe(0)
  })

  it('shows nothing more once the link is revoked', async () => {
    await desk.getByRole('link', { name: 'Locations', exact: true }).click()
    await desk.getByRole('link', { name: 'Cornerstone Café' }).click()
    await desk.getByRole('button', { name: /^Revoke the link/ }).click()
    await desk.getByText('Revoked: it shows nothing any more.').waitFor()
    await phone.reload()
    await phone.getByRole('alert').filter({ hasText: 'This link is no longer good.' }).waitFor()
    await expectAccessible(phone, 'merchant-link-over')
    expect(errors).toEqual([])
  })

  it('lets an admin seal what opens the router’s SNMP, and says what became of it at the appliance', async () => {
    const admin = await (await openAdmin('org-proactive-operations')).newPage()
    await admin.goto(`${stack().cloud.webUrl}/fleet`)
    await admin.getByRole('button', { name: 'Configuration' }).click()
    const form = admin.getByRole('form', { name: 'What opens SNMP' })
    await form.getByLabel('Community', { exact: true }).fill('public')
    await form.getByRole('button', { name: 'Seal it for this appliance' }).click()
    await admin.getByRole('cell', { name: '✓ opened, in use' }).waitFor()
    await admin.getByRole('cell', { name: /^Community \(v2c\), sealed by Ada at / }).waitFor()
    expect(await form.getByLabel('Community', { exact: true }).inputValue()).toBe('')
    await form.getByRole('combobox', { name: /^Kind/ }).selectOption('v3')
    await form.getByLabel('User name').fill('reader')
    await form.getByLabel('Authentication key').fill('authentic-1')
    await form.getByLabel('Privacy key').fill('private-2')
    await expectAccessible(admin, 'fleet-snmp')
    await form.getByRole('button', { name: 'Seal it for this appliance' }).click()
    await admin.getByRole('cell', { name: /^User of SNMP v3, sealed by Ada at / }).waitFor()
    await form.getByRole('button', { name: 'Take it back' }).click()
    await admin.getByText('Taken back: what was set on site holds again.').waitFor()
    await admin.setViewportSize({ width: 360, height: 780 })
    await expectAccessible(admin, 'fleet-snmp-phone')
    await admin.context().close()
  })

  it('shows what attackers write as text, on every page that shows it, the merchant’s too', async () => {
    const { webUrl } = stack().cloud
    const { locationId } = stack().demo
    const organizationId = 'org-proactive-operations'
    const admin = await (await openAdmin(organizationId)).newPage()
    const watch = watchForHarm(admin)
    const { csrfToken } = await (await admin.request.get(`${webUrl}/api/session`)).json()
    const headers = { 'x-csrf-token': csrfToken }
    const call = (method: string, path: string, data: object) =>
      admin.request.fetch(`${webUrl}${path}`, { method, headers, data })
    const make = async (method: string, path: string, data: object) => {
      const answer = await call(method, path, data)
      expect([path, answer.ok(), answer.ok() ? '' : await answer.text()]).toEqual([path, true, ''])
      return answer.status() === 204 ? {} : answer.json()
    }

    // A device on the LAN that says so itself, by DHCP.
    await quietly(stack(), 'fault', 'new-device')
    const client = ['busybox', 'udhcpc', '-n', '-q', '-t', '2', '-T', '1', '-i', 'eth0', '-s', '/bin/true']
    // Option 12 as it is, in hexadecimal: by its name the client would take no such words.
    const asked12 = ['-x', `0x0c:${Buffer.from(hostile).toString('hex')}`]
    const { stderr } = await stack().site.lab.exec('new-1', [...client, ...asked12])
    expect(stderr).toMatch(/broadcasting discover|sending discover/)
    const seen = async () =>
      (await stack().location()).devices.find(({ device }) =>
        [device.name, ...device.evidence.map(({ value }) => value)].includes(hostile),
      )?.device.id
    await expect.poll(seen, { timeout: 30_000, interval: 250 }).toBeDefined()
    const deviceId = await seen()

    await make('POST', '/api/organizations', { name: hostile })
    const team = await make('POST', '/api/teams', { organizationId, name: hostile, line: 1 })
    const someone = { name: hostile, email: 'hostile@proactive.example', role: 'agent', teamIds: [team.id] }
    await make('POST', '/api/users', { ...someone, organizationId })
    const email = `admin@${organizationId}.example`
    await make('PUT', `/api/users/user-${organizationId}`, { ...someone, email, role: 'admin' })
    const customer = await make('POST', '/api/customers', { name: hostile, number: 'C-666' })
    const record = await (await admin.request.get(`${webUrl}/api/locations/${locationId}/record`)).json()
    const at = `/api/locations/${locationId}`
    await make('PUT', at, { ...record, customerId: customer.id, name: hostile, address: hostile })
    await make('POST', `${at}/products`, { name: hostile, role: 'printer' })
    await make('POST', `${at}/notes`, { body: hostile })
    await make('POST', `${at}/silences`, { untilMs: Date.now() + 3_600_000, note: hostile })
    const { devices } = await stack().location()
    const terminal = devices.find(({ device }) => device.role === 'pos-terminal')?.device.id
    await make('PUT', `${at}/devices/${terminal}`, { name: hostile, vendor: hostile, model: hostile })
    const channel = { name: hostile, kind: 'email', recipients: ['desk@proactive.example'] }
    await make('POST', '/api/channels', channel)
    const rights = { scopes: ['issues:read'], expiresInDays: 1 }
    await make('POST', '/helpdesk/api/tokens', { name: hostile, ...rights })

    const desk = '/helpdesk/api'
    const asked = { locationId, ownerTeamId: team.id, source: 'phone', name: hostile, symptoms: hostile }
    // The desk hears of a new Team a moment later.
    const opened = await vi.waitFor(
      () => make('POST', `${desk}/issues`, { ...asked, customerUser: { name: hostile } }),
      { timeout: 10_000, interval: 300 },
    )
    const issueId: string = opened.id
    const issue = `${desk}/issues/${issueId}`
    await make('POST', `${issue}/claim`, {})
    await make('PATCH', issue, { diagnosis: hostile, categories: [hostileName] })
    for (const room of ['public', 'private', 'log'])
      await make('POST', `${issue}/entries`, { room, body: hostile })
    const article = await make('POST', `${desk}/articles`, {
      title: hostile,
      body: `# ${hostile}\n- ${hostile}\n**${hostile}** \`${hostile}\` [x](javascript:hurt=1)`,
      checklist: [hostile],
    })
    await make('POST', `${issue}/articles`, { articleId: article.id })
    const file = await admin.request.fetch(
      `${webUrl}${issue}/files?name=${encodeURIComponent(hostileName)}`,
      {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/octet-stream' },
        data: Buffer.from(hostile),
      },
    )
    expect(file.ok()).toBe(true)
    const { token } = await make('POST', `${at}/merchant-links`, {})
    const said = await admin.request.post(`${webUrl}/api/merchant/reports`, {
      headers: { authorization: `Bearer ${token}` },
      data: { kind: 'problem', text: hostile, name: hostile },
    })
    expect(said.status()).toBe(204)

    const ofPhone = watchForHarm(phone)
    await phone.goto(`${webUrl}/m#${token}`)
    await phone.locator('.talk li').first().waitFor()
    await ofPhone.expectInert('the merchant’s page')

    const look = async (path: string, text?: string) => {
      await admin.goto(`${webUrl}${path}`)
      await watch.expectInert(path, text)
    }
    await look('/')
    await admin.getByRole('button', { name: 'Map' }).click()
    await watch.expectInert('map')
    await look(`/locations/${locationId}`)
    await admin.locator('.line-chart canvas').first().waitFor()
    await admin.locator('.notes, #notes').first().waitFor({ state: 'attached' })
    await watch.expectInert('Location')
    await look(`/locations/${locationId}/devices/${deviceId}`)
    await look(`/locations/${locationId}/devices/${terminal}`)
    await look('/fleet')
    await admin.getByRole('button', { name: 'Configuration' }).click()
    await admin.getByRole('form', { name: 'What opens SNMP' }).waitFor()
    await watch.expectInert('fleet configuration')
    await look('/issues?queue=all')
    await admin.getByRole('button', { name: 'New Issue' }).click()
    await admin.getByRole('form', { name: 'New Issue' }).waitFor()
    await watch.expectInert('New Issue')
    await look(`/issues/${issueId}`)
    for (const room of [/^Public Chat/, /^Private Chat/, /^Log Notes/]) {
      await admin.getByRole('button', { name: room }).click()
      await admin.locator('.entries', { hasText: hostile }).waitFor()
      await watch.expectInert(String(room))
    }
    const part = async (name: string, text?: string) => {
      await admin.getByRole('button', { name, exact: true }).click()
      await watch.expectInert(name, text)
    }
    for (const name of ['Issue Edit', 'Pass on', 'History', 'Resolve', 'Issue Details']) await part(name)
    await part('Files', hostileName)
    await part('Articles')
    await admin.getByRole('button', { name: /^Article / }).click()
    await admin.getByRole('heading', { level: 2, name: hostile }).waitFor()
    await watch.expectInert('the article')
    await make('POST', `${issue}/resolve`, { resolution: 'Completed', text: hostile, survey: false })
    await look(`/issues/${issueId}`)
    for (const section of ['people', 'locations', 'channels', 'tokens', 'me'])
      await look(`/admin?section=${section}`)
    for (const section of ['webhooks', 'sign-on', 'rules', 'helpdesk', 'audit'])
      await look(`/admin?section=${section}`, 'Administration')
  })
})
