import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cloud, startCloud } from '../../scripts/stack/cloud.ts'
import { startMailServer } from '../contract/mail-server.ts'
import { type OidcServer, startOidcServer } from '../contract/oidc-server.ts'
import { expectAccessible } from './fixture/accessible.ts'
import { hasBrowser, openBrowser } from './fixture/browser.ts'

describe.skipIf(!hasBrowser)('an installation set up to the end in a real browser', () => {
  let cloud: Cloud
  let page: Page
  let mail: Awaited<ReturnType<typeof startMailServer>>
  let provider: OidcServer
  let hook: Server
  const hooked: string[] = []
  const closing: (() => Promise<unknown>)[] = []
  const errors: string[] = []

  beforeAll(async () => {
    const dataDir = await mkdtemp('/tmp/px-')
    closing.push(() => rm(dataDir, { recursive: true, force: true }))
    mail = await startMailServer()
    closing.unshift(mail.stop)
    hook = createServer((request, response) => {
      hooked.push(String(request.headers['x-proactive-signature']))
      request.resume().on('end', () => response.end())
    })
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
    closing.unshift(() => new Promise((resolve) => hook.close(resolve)))
    cloud = await startCloud({
      dataDir,
      logDir: join(dataDir, 'logs'),
      webPort: 0,
      mqttPort: 0,
      enrollPort: 0,
      helpdeskPort: 0,
      influxUrl: undefined,
      profile: 'production',
      hasDemo: false,
      hasBackupUplink: false,
      env: {
        ...process.env,
        PROACTIVE_WEBHOOK_ALLOW: '127.0.0.1',
        PROACTIVE_SMTP_URL: mail.url,
        PROACTIVE_MAIL_FROM: 'alerts@harbour.example',
      },
    })
    closing.unshift(() => cloud.stop())
    provider = await startOidcServer({
      redirectUris: [`${cloud.webUrl}/api/sign-on/callback`],
      accounts: new Map([
        ['theo-at-idp', { email: 'theo@harbour.example', isEmailVerified: true }],
        ['stranger', { email: 'stranger@elsewhere.example', isEmailVerified: true }],
      ]),
    })
    closing.unshift(provider.stop)
    const browser = await openBrowser()
    closing.unshift(browser.close)
    page = await browser.context.newPage()
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => {
      // What a provider's own pages do under their own policy is not ours.
      if (/content security policy/i.test(message.text()) && page.url().startsWith(cloud.webUrl))
        errors.push(message.text())
    })
  })
  afterAll(async () => {
    for (const close of closing) await close()
  })

  const region = (name: string) => page.getByRole('region', { name, exact: true })
  const section = (name: string) =>
    page.getByRole('group', { name: 'Section' }).getByRole('button', { name, exact: true }).click()

  it('says what is left, and each step leads to where it is done', async () => {
    const setUp = cloud.ingest.announcements.get('set-up')
    await page.goto(`${cloud.webUrl}/set-up`)
    await page.getByLabel('One-time token').fill(setUp?.get('token') ?? '')
    await page.getByLabel('Your Organization').fill('Harbour Operations')
    await page.getByLabel('Your name').fill('Ada Admin')
    await page.getByLabel('E-mail').fill('ada@harbour.example')
    await page.getByLabel('Password').fill('a long enough sentence')
    await page.getByRole('button', { name: 'Make the first admin' }).click()
    const steps = region('Getting started')
    await steps.getByText(/5 steps left/).waitFor()
    await expectAccessible(page, 'getting-started')
    await steps.getByRole('link', { name: 'A Team that answers' }).click()
    await page.getByLabel('New Team').fill('Harbour desk')
    await region('Teams').getByRole('button', { name: 'Add' }).click()
    await page.getByText('The Team is there.').waitFor()
  })

  it('makes a User without a password, and changes one', async () => {
    await page.getByLabel('Name', { exact: true }).fill('Theo')
    await page.getByLabel('E-mail', { exact: true }).fill('theo@harbour.example')
    await page.getByRole('combobox', { name: /^Role/ }).selectOption('agent')
    await page.getByRole('button', { name: 'Add the User' }).click()
    await page.getByRole('button', { name: 'Edit Theo' }).click()
    await page.getByLabel('Their name').fill('Theo Technician')
    await page.getByLabel('Their role').selectOption('technician')
    await expectAccessible(page, 'admin-edit-user')
    await page.getByRole('button', { name: 'Save the User' }).click()
    await page.getByRole('row', { name: /Theo Technician theo@harbour\.example technician/ }).waitFor()
    await page.getByRole('button', { name: 'Edit Ada Admin' }).click()
    expect(await page.getByLabel('Their role').isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Cancel' }).click()
  })

  it('changes a Location', async () => {
    await section('Locations')
    await page.getByLabel('Name', { exact: true }).fill('Pier 4')
    await page.getByLabel('Customer number').fill('C-4')
    await page.getByLabel('Time zone', { exact: true }).fill('Europe/Lisbon')
    await page.getByRole('button', { name: 'Add the Location' }).click()
    await page.getByText(/The Location is there/).waitFor()
    await page.getByLabel('Its name').fill('Pier 4 <script>alert(1)</script>')
    await page.getByLabel('Its latitude, longitude').fill('38.7, -9.1')
    await page.getByLabel(/second way out/).check()
    await page.getByRole('button', { name: 'Save the Location' }).click()
    await page.getByText('Saved.', { exact: true }).waitFor()
    await page
      .getByRole('option', { name: 'Pier 4 <script>alert(1)</script>' })
      .first()
      .waitFor({ state: 'attached' })
    await expectAccessible(page, 'admin-edit-location')
  })

  it('tells people by mail and programs by a signed webhook, each tried by "test"', async () => {
    await section('Channels')
    await page.getByText('No channel yet').waitFor()
    await expectAccessible(page, 'admin-channels-empty')
    await page.getByLabel('Name', { exact: true }).fill('Night desk')
    await page.getByLabel('Recipients').fill('night@harbour.example, desk@harbour.example')
    await page.getByRole('button', { name: 'Add the channel' }).click()
    await page.getByRole('button', { name: 'Test Night desk', exact: true }).click()
    await page.getByText('A message was taken: look whether it is there.').waitFor()
    expect(mail.mails).toHaveLength(1)
    expect(mail.mails[0]?.to).toEqual(['night@harbour.example', 'desk@harbour.example'])
    await page.getByRole('button', { name: 'Deliveries of Night desk' }).click()
    await page.getByRole('row', { name: /Test: Example Location.*✓ delivered/ }).waitFor()

    await page.getByLabel('Kind').selectOption('webhook')
    await page.getByLabel('Name', { exact: true }).fill('Inside')
    await page.getByLabel('Address', { exact: true }).fill('https://10.0.0.7/hook')
    await page.getByRole('button', { name: 'Add the channel' }).click()
    await page.getByRole('alert').filter({ hasText: 'not on the public internet' }).waitFor()
    await page.getByLabel('Name', { exact: true }).fill('Robot')
    const { port } = hook.address() as AddressInfo
    await page.getByLabel('Address', { exact: true }).fill(`http://127.0.0.1:${port}/hook`)
    await page.getByRole('button', { name: 'Add the channel' }).click()
    await page.getByLabel('Signing key of “Robot”, shown once').waitFor()
    await page.getByRole('button', { name: 'Test Robot', exact: true }).click()
    await expect
      .poll(() => hooked, { timeout: 10_000 })
      .toEqual([expect.stringMatching(/^t=\d+,v1=[0-9a-f]{64}$/)])
    await page.getByRole('button', { name: 'Switch off Robot' }).click()
    await page.getByText('Robot is silent now.').waitFor()
    await expectAccessible(page, 'admin-channels')
  })

  it('gives a program a token, once, and takes it away', async () => {
    await section('Tokens')
    await page.getByLabel('For what').fill('Monthly report')
    await page.getByRole('button', { name: 'Make the token' }).click()
    expect(await page.getByLabel('Token, shown once').inputValue()).toMatch(/^pxt_/)
    await page.getByRole('row', { name: /Monthly report read Issues/ }).waitFor()
    await expectAccessible(page, 'admin-tokens')
    await page.getByRole('button', { name: 'End Monthly report' }).click()
    await page.getByText('Monthly report opens nothing any more.').waitFor()
  })

  it('sets a provider up, tests it, and logs in with it as the User it vouches for', async () => {
    await section('Log-in')
    await page.getByLabel('Name on the button').fill('Harbour account')
    await page.getByLabel('Issuer').fill(provider.issuer)
    await page.getByLabel('Client id').fill(provider.clientId)
    await page.getByLabel('Client secret').fill(provider.clientSecret)
    expect(await page.getByLabel('Redirect address to register there').inputValue()).toBe(
      `${cloud.webUrl}/api/sign-on/callback`,
    )
    await page.getByRole('checkbox', { name: 'Harbour Operations' }).check()
    await page.getByRole('button', { name: 'Save the provider' }).click()
    await page.getByRole('button', { name: 'Test Harbour account' }).click()
    await page.getByText(/✓ Signing keys/).waitFor()
    await expectAccessible(page, 'admin-sign-on')

    await page.getByRole('button', { name: 'Log out' }).click()
    await logInAtProvider('stranger')
    await page.getByRole('alert').filter({ hasText: 'Nobody here has this account' }).waitFor()
    await expectAccessible(page, 'log-in-refused')
    await page.context().clearCookies()
    await page.goto(cloud.webUrl)
    await logInAtProvider('theo-at-idp')
    await page.getByRole('heading', { name: 'Locations', exact: true }).waitFor()
    await page.getByText('Theo Technician').waitFor()
    await page.getByRole('link', { name: 'Administration' }).click()
    await page.getByText('theo@harbour.example · technician · Harbour Operations').waitFor()
    await section('Fault rules')
    await page.getByRole('row', { name: /Router down.*stopped answering.*Critical/ }).waitFor()
    await expectAccessible(page, 'admin-rules')
  })

  async function logInAtProvider(subject: string): Promise<void> {
    await page.getByRole('link', { name: 'Log in with Harbour account' }).click()
    await page.locator('input[name="login"]').fill(subject)
    await page.locator('input[name="password"]').fill('any')
    await page.locator('button[type="submit"]').click()
    // The provider asks whether we may know the address.
    await page.locator('button[type="submit"]').click()
  }

  it('keeps notes on a Location, as text whatever they hold', async () => {
    await page.getByRole('link', { name: 'Locations', exact: true }).click()
    await page.getByRole('link', { name: 'Pier 4 <script>alert(1)</script>' }).click()
    await page.getByLabel('New note').fill('<img src=x onerror=alert(1)> Key: ask Rosa')
    await page.getByRole('button', { name: 'Add the note' }).click()
    await page.locator('.words', { hasText: '<img src=x onerror=alert(1)> Key: ask Rosa' }).waitFor()
    await expectAccessible(page, 'location-notes')
    await page.getByRole('button', { name: 'Remove the note of Theo Technician' }).click()
    await page.getByRole('button', { name: 'Remove it' }).click()
    await page.getByText('No note yet').waitFor()
    expect(errors).toEqual([])
  })
})
