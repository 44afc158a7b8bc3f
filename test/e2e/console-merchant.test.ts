import { join } from 'node:path'
import { userSchema } from '@proactive/shared/http'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createDatabase } from '../../ingest/src/db/index.ts'
import { createDirectory } from '../../ingest/src/directory/index.ts'
import { startMailServer } from '../contract/mail-server.ts'
import { expectAccessible } from './fixture/accessible.ts'
import { hasBrowser, openBrowser } from './fixture/browser.ts'
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
    // The demo has no admin of this Organization: one is made beside the running program, as its own command line would.
    const database = await createDatabase({ dataDir: join(dataDir, 'ingest') })
    const { people } = createDirectory({ database, nowMs: Date.now })
    const email = 'admin@tillwise.example'
    const user = {
      id: 'user-admin',
      organizationId: 'org-tillwise',
      teamIds: [],
      name: 'Ada',
      email,
      role: 'admin',
    }
    await people.putUser(userSchema.parse(user), 'a long enough sentence')
    await database.stop()
    const admin = await (await openAdmin(email)).newPage()
    await admin.goto(`${stack().cloud.webUrl}/admin?section=channels`)
    await admin.getByLabel('Name', { exact: true }).fill('Till desk')
    await admin.getByLabel('Recipients').fill('desk@tillwise.example')
    await admin.getByRole('button', { name: 'Add the channel' }).click()
    await admin.getByText('The channel is there: test it.').waitFor()
    await admin.context().close()
  })

  /** Another browser, logged in. */
  async function openAdmin(email: string) {
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
})
