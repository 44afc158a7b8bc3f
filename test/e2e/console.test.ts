import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible } from './fixture/accessible.ts'
import { hasBrowser, openBrowser, picturePath } from './fixture/browser.ts'
import { canRunLab, quietly, useStack } from './fixture/stack.ts'
import { untranslated } from './fixture/untranslated.ts'

describe.skipIf(!canRunLab || !hasBrowser)('the console in a real browser', () => {
  const stack = useStack({ hasBackupUplink: true })
  let context: BrowserContext
  let page: Page
  let close: () => Promise<void> = async () => undefined
  /** Requests that left our origin, and errors of the page: there must be none. */
  const foreign: string[] = []
  const errors: string[] = []
  const violations: string[] = []

  beforeAll(async () => {
    const browser = await openBrowser()
    context = browser.context
    close = browser.close
    page = await context.newPage()
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== new URL(stack().cloud.webUrl).origin) foreign.push(request.url())
    })
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) violations.push(message.text())
    })
  })
  afterAll(() => close())

  async function logIn(title: RegExp): Promise<void> {
    const user = stack().demo.users.find((candidate) => title.test(candidate.title))
    if (user === undefined) throw new Error(`the demo has nobody like ${title}`)
    await page.goto(stack().cloud.webUrl)
    await page.getByLabel('E-mail').fill(user.email)
    await page.getByLabel('Password').fill(user.password)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'Locations', exact: true }).waitFor()
  }

  async function expectNoSidewaysScroll(): Promise<void> {
    const extra = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(extra).toBe(0)
  }

  it('refuses a wrong password in one sentence', async () => {
    await page.goto(stack().cloud.webUrl)
    await expectAccessible(page, 'log-in')
    await page.getByLabel('E-mail').fill('technician@proactive.example')
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('alert').filter({ hasText: /\S/ }).waitFor()
    expect(await page.getByRole('alert').textContent()).toMatch(/e-mail|password/i)
  })

  it('shows the Location with its devices when all is well', async () => {
    await logIn(/technician/i)
    await page.getByRole('link', { name: 'Cornerstone Café' }).waitFor()
    await expectAccessible(page, 'overview')
    await page.getByRole('button', { name: 'Map' }).click()
    await page.getByRole('link', { name: /Cornerstone Café/ }).waitFor()
    await expectAccessible(page, 'overview-map')
    await page.getByRole('button', { name: 'List' }).click()
    await page.getByRole('link', { name: 'Cornerstone Café' }).click()
    await page
      .getByRole('row', { name: /Verifone Vx520/ })
      .first()
      .waitFor()
    await page.locator('.line-chart canvas').first().waitFor()
    const tree = page.getByRole('group', { name: /how the location is connected/i })
    await tree.getByRole('link', { name: /router.*OK/i }).waitFor()
    await page.locator('.pay-path', { hasText: /✓ TLS/ }).waitFor({ timeout: 30_000 })
    await page.getByText(/^Certificate: 8\d days left$/).waitFor()
    await expectAccessible(page, 'location-ok')
  })

  it('fits a phone', async () => {
    await page.setViewportSize({ width: 360, height: 780 })
    await expectNoSidewaysScroll()
    await expectAccessible(page, 'location-phone')
    // The help floats over the page's corner: at the page's end it covers nothing.
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
    const help = await page.locator('.help').boundingBox()
    const last = await page.locator('main > :last-child').boundingBox()
    expect((last?.y ?? 0) + (last?.height ?? 0)).toBeLessThanOrEqual(help?.y ?? 0)
    await page.setViewportSize({ width: 1360, height: 960 })
  })

  it('speaks whole German and Spanish, and fetches no language but its own', async () => {
    const speak = async (from: string, name: string, to: string) => {
      await page.locator('.verdict-card').waitFor()
      await page.locator('.help').click()
      const fetched: string[] = []
      const note = (request: { url(): string }) => fetched.push(request.url())
      page.on('request', note)
      await page.getByRole('combobox', { name: from }).selectOption(name)
      await page.locator(`html[lang="${to}"]`).waitFor()
      await page.locator('.verdict-card .verdict').waitFor()
      page.off('request', note)
      const languages = fetched.flatMap((url) => /\/(en|de|es)-[\w-]+\.js$/.exec(url)?.[1] ?? [])
      expect(new Set(languages)).toEqual(new Set([to]))
    }
    await speak('Language', 'Deutsch', 'de')
    await page.getByText(/Alles gut; \d+ von \d+ Geräten antworten/).waitFor()
    await page.getByRole('heading', { name: 'Zeitverlauf' }).waitFor()
    expect(await untranslated(page, 'de')).toEqual([])
    await expectAccessible(page, 'location-german')
    await page.goto(stack().cloud.webUrl)
    await page.getByRole('link', { name: 'Cornerstone Café' }).waitFor()
    expect(await untranslated(page, 'de')).toEqual([])
    await page.getByRole('link', { name: 'Cornerstone Café' }).click()
    await page.getByRole('link', { name: 'Vx520' }).first().click()
    await page.getByRole('heading', { name: 'Warum es dafür gehalten wird' }).waitFor()
    expect(await untranslated(page, 'de')).toEqual([])
    await page.getByRole('link', { name: 'Cornerstone Café' }).click()
    await speak('Sprache', 'Español', 'es')
    await page.getByText(/Todo bien; responden \d+ de \d+ dispositivos/).waitFor()
    expect(await untranslated(page, 'es')).toEqual([])
    await speak('Idioma', 'English', 'en')
    await page.getByText(/All is well; \d+ of \d+ devices answer/).waitFor()
  })

  it('keeps a filter as a view, and answers to keys', async () => {
    await page.goto(`${stack().cloud.webUrl}/?show=down`)
    await page.getByText('No Location fits.').waitFor()
    await page.getByLabel('Name of this view').fill('On fire')
    await page.getByRole('button', { name: 'Save view' }).click()
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByRole('link', { name: 'Cornerstone Café' }).waitFor()
    await page.getByRole('button', { name: 'On fire', exact: true }).click()
    await page.getByText('No Location fits.').waitFor()
    await expectAccessible(page, 'overview-filtered')
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.locator('main').focus()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Cornerstone Café' }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys, times and language' }).waitFor()
    await expectAccessible(page, 'keys')
    await page.keyboard.press('Escape')
  })

  it('shows the fleet, what is wanted beside what is in force, and a claim token as text and code', async () => {
    await page.getByRole('link', { name: 'Fleet' }).click()
    await page.getByRole('cell', { name: '✓ Online' }).waitFor()
    await page.getByRole('cell', { name: /✓ version \d+ in force/ }).waitFor()
    await page.getByRole('button', { name: 'Configuration' }).click()
    await page.getByRole('row', { name: /^Networks 192\.168\.77\.0\/24 192\.168\.77\.0\/24/ }).waitFor()
    await page.locator('.readings', { hasText: /Memory\d+%/ }).waitFor()
    await page.getByRole('button', { name: 'Make a claim token' }).click()
    await page.getByRole('img', { name: 'The claim token as a QR code' }).waitFor()
    expect(await page.getByLabel('Command').inputValue()).toMatch(/^proactive-agent claim [\w-]{100,}$/)
    await expectAccessible(page, 'fleet')
    // On a phone a row is a card: nothing of it lies beyond the edge, and each value has its heading.
    await page.setViewportSize({ width: 360, height: 780 })
    await page.getByRole('cell', { name: '✓ Online' }).waitFor()
    const beyond = await page
      .locator('.scroll')
      .evaluateAll((tables) => tables.filter((each) => each.scrollWidth > each.clientWidth).length)
    expect(beyond).toBe(0)
    await expectNoSidewaysScroll()
    await page.setViewportSize({ width: 1360, height: 960 })
    await page.getByRole('link', { name: 'Cornerstone Café' }).click()
    await page.getByRole('heading', { name: 'Live tools' }).waitFor()
  })

  it('asks the appliance by a live tool and says what came, with its place in the audit trail', async () => {
    await page.getByLabel('Target').fill('192.168.77.1')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.locator('.runs li', { hasText: /5 of 5 answered/ }).waitFor({ timeout: 20_000 })
    expect(await page.locator('.runs li').first().textContent()).toMatch(/audit audit-/)
    await page.getByLabel('Target').fill('203.0.113.9')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.locator('.runs li', { hasText: /Refused: 203\.0\.113\.9 is neither/ }).waitFor()
  })

  it('says why a device is taken for what it is, and takes a correction', async () => {
    await page
      .getByRole('row', { name: /Verifone Vx520/ })
      .first()
      .getByRole('link')
      .click()
    await page.getByRole('heading', { name: 'Why it is taken for this' }).waitFor()
    await page.getByRole('button', { name: /Yes, it is the Verifone Vx520/ }).click()
    await page.getByText('Confirmed.').waitFor()
    await page.getByText('Correct it').click()
    await page.getByLabel('Name').fill('<img src=x onerror=alert(1)> till')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: '<img src=x onerror=alert(1)> till' }).waitFor()
    await expectAccessible(page, 'device')
    await page.getByLabel('Name').fill('Till 1')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Till 1' }).waitFor()
    await page.getByRole('link', { name: 'Cornerstone Café' }).click()
    await page.locator('.line-chart canvas').first().waitFor()
  })

  it('tells what changed at the Location, what a device was called before, and each port of the router', async () => {
    const changes = page.getByRole('region', { name: 'Changes' })
    const renamed = changes.getByRole('link', { name: /till is called Till 1 now$/ })
    await renamed.waitFor()
    await changes.getByText('The appliance started for the first time').waitFor()
    await page.locator('.strip', { hasText: '◇ Changes' }).locator('.change-mark').first().waitFor()
    await renamed.click()
    const names = page.getByRole('region', { name: 'Identity history' }).getByRole('row', { name: /^Name/ })
    await names.filter({ hasText: /Till 1.*now$/ }).waitFor()
    await names.filter({ hasText: '<img src=x onerror=alert(1)> till' }).waitFor()
    await page.getByRole('link', { name: 'Cornerstone Café' }).click()
    await page.getByRole('link', { name: 'router', exact: true }).first().click()
    const port = page.getByRole('region', { name: 'Interfaces' }).getByRole('row', { name: /^wan0 ✓ up/ })
    await port.waitFor({ timeout: 60_000 })
    await port.getByRole('button', { name: 'Chart of wan0' }).click()
    await page.getByText('Throughput of wan0').waitFor()
    await expectAccessible(page, 'device-router')
    await page.getByRole('link', { name: 'Cornerstone Café' }).click()
    await page.locator('.line-chart canvas').first().waitFor()
  })

  it('tells a dead router live: verdict, affected terminals, incident, without a reload', async () => {
    await quietly(stack(), 'fault', 'router-down')
    await page
      .locator('.verdict-card', { hasText: /router unreachable since \d\d:\d\d; .*affected, not at fault/i })
      .waitFor({ timeout: 30_000 })
    await page
      .locator('.incidents')
      .getByText(/router unreachable/i)
      .first()
      .waitFor()
    await page
      .getByRole('row', { name: /Verifone Vx520/ })
      .filter({ hasText: /router/i })
      .first()
      .waitFor()
    const top = picturePath('location-router-down-top')
    if (top !== undefined) await page.screenshot({ path: top })
    await expectAccessible(page, 'location-router-down')
  })

  it('shows the Issue to the Team that owns it, claims it, and takes a note', async () => {
    await page.getByRole('button', { name: 'Log out' }).click()
    await logIn(/network/i)
    await page.getByRole('link', { name: 'Issues', exact: true }).click()
    await page.locator('.case a').first().click()
    await page.getByRole('button', { name: 'Claim' }).click()
    await page.locator('.facts', { hasText: 'Remote' }).waitFor()
    await page
      .getByRole('textbox', { name: 'Log Notes' })
      .fill('Asked the shop about the power supply. <b>not bold</b>')
    await page.getByRole('button', { name: 'Add Log Note' }).click()
    await page.locator('.entries', { hasText: '<b>not bold</b>' }).waitFor()
    await expectAccessible(page, 'issue')
    // Times are the Location's, whatever the browser's zone is.
    const started = await page.locator('.facts', { hasText: 'Opened' }).textContent()
    const headline = await page.getByRole('heading', { level: 1 }).textContent()
    const hour = /since (\d\d):/.exec(headline ?? '')?.[1]
    expect(started).toMatch(new RegExp(`Opened *(?:\\d+ \\w+, )?${hour}:`))
  })

  it('works through the Issue window: edit, articles, files, passing on, history', async () => {
    const part = (name: string) => page.getByRole('button', { name, exact: true }).click()
    await part('Issue Edit')
    await page.getByLabel('Categories, by comma').fill('router, power')
    await page.getByLabel('Product').selectOption({ label: 'Northwind Edge router' })
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Saved.').waitFor()
    await page.locator('.facts', { hasText: 'router, power' }).waitFor()
    await expectAccessible(page, 'issue-edit')
    await part('Articles')
    await page.getByLabel('Search Articles').fill('terminal')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await page.getByRole('button', { name: 'Add to Issue & Copy URL' }).first().click()
    await page.getByText(/^Added;/).waitFor()
    await expectAccessible(page, 'issue-articles')
    await part('Files')
    await page.getByLabel(/Attach a file/).setInputFiles({
      name: 'lamps <script>.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('no lamp is lit'),
    })
    await page.getByRole('link', { name: /lamps/ }).waitFor()
    await expectAccessible(page, 'issue-files')
    await part('Pass on')
    await page.getByRole('checkbox', { name: /POS Team/ }).waitFor()
    await expectAccessible(page, 'issue-pass-on')
    await part('History')
    await page.getByText('Everything that was done').waitFor()
    await expectAccessible(page, 'issue-history')
    await part('Resolve')
    const turnedOut = page.getByRole('combobox', { name: 'What it turned out to be' })
    expect(await turnedOut.inputValue()).toBe('true')
    await page.getByRole('combobox', { name: 'Resolution', exact: true }).selectOption('Cancelled')
    expect(await turnedOut.inputValue()).toBe('false')
    await expectAccessible(page, 'issue-resolve')
    await part('Issue Details')
  })

  it('lists Issues by queue and words, on a phone too', async () => {
    const address = page.url()
    await page.goto(`${stack().cloud.webUrl}/issues?queue=mine`)
    await page.locator('.case a').first().waitFor()
    await page.getByRole('searchbox', { name: 'Search Issues' }).fill('nothing like this')
    await page.getByText('No Issue fits.').waitFor()
    await page.getByRole('searchbox', { name: 'Search Issues' }).fill('router')
    await page.locator('.case a').first().waitFor()
    await expectAccessible(page, 'issues')
    await page.setViewportSize({ width: 360, height: 780 })
    await page.goto(address)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.locator('.facts').waitFor()
    await expectNoSidewaysScroll()
    await expectAccessible(page, 'issue-phone')
    await page.setViewportSize({ width: 1360, height: 960 })
  })

  it('shows the runbook of the fault beside its Issue', async () => {
    await page
      .getByRole('link', { name: /runbook/i })
      .first()
      .click()
    await page.getByRole('heading', { name: 'The router is down' }).waitFor()
    await expectAccessible(page, 'runbook')
  })

  it('sends at most 120 kB of script, compressed, for its first view', async () => {
    await page.goto(`${stack().cloud.webUrl}/`)
    await page.getByRole('link', { name: 'Cornerstone Café' }).waitFor()
    const { bytes, paintMs } = await page.evaluate(() => ({
      bytes: performance
        .getEntriesByType('resource')
        .filter((entry) => entry instanceof PerformanceResourceTiming && entry.name.endsWith('.js'))
        .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0),
      paintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1,
    }))
    process.stderr.write(`${bytes} bytes of script, first paint after ${Math.round(paintMs)} ms\n`)
    expect(bytes).toBeGreaterThan(50_000)
    expect(bytes).toBeLessThan(120_000)
  })

  it('revokes an appliance once it was asked twice, and its connection is cut', async () => {
    await page.getByRole('button', { name: 'Log out' }).click()
    await logIn(/^Technician/)
    await page.getByRole('link', { name: 'Fleet' }).click()
    await page.getByRole('cell', { name: '✓ Online' }).waitFor()
    await page.getByRole('button', { name: 'Revoke', exact: true }).click()
    await page.getByRole('button', { name: 'Keep it' }).click()
    await page.getByRole('cell', { name: '✓ Online' }).waitFor()
    await page.getByRole('button', { name: 'Revoke', exact: true }).click()
    await page.getByRole('button', { name: 'Revoke it' }).click()
    await page.getByRole('cell', { name: '⊘ Revoked' }).waitFor()
    await expect
      .poll(async () => (await stack().location()).summary.isOnline, { timeout: 30_000 })
      .toBe(false)
  })

  it('asks nothing of any other origin and breaks nowhere', () => {
    expect(foreign).toEqual([])
    expect(errors).toEqual([])
    expect(violations).toEqual([])
  })
})
