import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cloud, startCloud } from '../../scripts/stack/cloud.ts'
import { expectAccessible } from './fixture/accessible.ts'
import { hasBrowser, openBrowser } from './fixture/browser.ts'

/** The agent's half of the SMS workflow document, in its order, with its words; the numbers are the document's. */
describe.skipIf(!hasBrowser)('the SMS Issue workflow in a real browser', () => {
  let cloud: Cloud
  let page: Page
  let close: () => Promise<void> = async () => undefined
  let dataDir = ''
  const errors: string[] = []

  beforeAll(async () => {
    dataDir = await mkdtemp('/tmp/px-')
    cloud = await startCloud({
      dataDir,
      logDir: join(dataDir, 'logs'),
      webPort: 0,
      mqttPort: 0,
      enrollPort: 0,
      helpdeskPort: 0,
      influxUrl: undefined,
      profile: 'production',
      hasDemo: true,
      hasBackupUplink: false,
      env: process.env,
    })
    const browser = await openBrowser()
    close = browser.close
    page = await browser.context.newPage()
    page.on('pageerror', (error) => errors.push(error.message))
  })
  afterAll(async () => {
    await close()
    await cloud?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  async function logIn(title: RegExp): Promise<void> {
    const user = cloud.demo?.users.find((candidate) => title.test(candidate.title))
    await page.goto(cloud.webUrl)
    await page.getByLabel('E-mail').fill(user?.email ?? '')
    await page.getByLabel('Password').fill(user?.password ?? '')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'Locations', exact: true }).waitFor()
  }
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
  /** A queue with so many Issues in it, as its tab says. */
  const tab = (name: string, count: number, on = page) =>
    on.getByRole('group', { name: 'Queue' }).getByRole('button', { name: `${name} ${count}`, exact: true })
  const queue = async (name: string, count: number) => {
    await page.getByRole('link', { name: 'Issues', exact: true }).click()
    await tab(name, count).click()
  }
  const card = () => page.locator('.case', { hasText: /no line|Vx520/ })
  const facts = (text: string | RegExp) => page.locator('.facts', { hasText: text }).waitFor()

  it('begins with an Issue for a text message, opened by hand', async () => {
    await logIn(/POS Team/)
    await page.getByRole('link', { name: 'Issues', exact: true }).click()
    await press('New Issue')
    await expectAccessible(page, 'issue-new')
    await page.getByLabel('It came by').selectOption('sms')
    await page.getByLabel('Issue Name').fill('Terminal says no line')
    await page.getByLabel('Symptoms, in the Customer’s words').fill('The display reads NO LINE.')
    await page.getByLabel('Phone or SMS number').fill('+15550100')
    await press('Open the Issue')
    await page.getByRole('heading', { level: 1, name: 'Terminal says no line' }).waitFor()
  })

  it('1–2: waits in the Unclaimed queue; its Case Card tells source, Owner Team and number', async () => {
    await queue('Unclaimed', 1)
    const told = await card().innerText()
    for (const word of ['SMS', 'Unclaimed', 'POS Team', '+15550100', 'Cornerstone Café'])
      expect(told).toContain(word)
    await expectAccessible(page, 'issues-unclaimed')
  })

  it('3–6: is claimed, goes from Unclaimed to Mine, is in the List, and opens as Remote with its Owner User', async () => {
    await card().getByRole('link').click()
    const other = await page.context().newPage()
    await other.goto(`${cloud.webUrl}/issues`)
    await tab('Unclaimed', 1, other).waitFor()
    await press('Claim')
    await facts('Remote')
    // Whoever looks at the queues elsewhere sees it at once.
    await tab('Unclaimed', 0, other).waitFor()
    await tab('Mine', 1, other).waitFor()
    await other.close()
    await queue('Unclaimed', 0)
    await page.getByText('Nothing in this queue.').waitFor()
    await tab('Mine', 1).click()
    await card().waitFor()
    await tab('List', 1).click()
    await card().getByRole('link').click()
    await facts(/Remote[\s\S]*Paula POS/)
  })

  it('7–9: speaks in Public Chat by SMS, in Private Chat, and leaves a Log Note', async () => {
    for (const [tab, label, text, send] of [
      ['Public Chat', 'Public Chat', 'Hello, we are looking at it.', 'Send'],
      ['Private Chat', 'Private Chat', 'Looks like the router.', 'Send'],
      ['Log Notes', 'Log Notes', 'Called the shop.', 'Add Log Note'],
    ] as const) {
      await page.getByRole('button', { name: new RegExp(`^${tab}`) }).click()
      if (tab === 'Public Chat') await page.getByText('Channel: SMS to +15550100').waitFor()
      await page.getByRole('textbox', { name: label }).fill(text)
      await press(send)
      await page.locator('.entries', { hasText: text }).waitFor()
    }
    await page.getByRole('button', { name: /^Public Chat/ }).click()
    const shown = await page.locator('.entries').innerText()
    expect(shown).toContain('we are looking at it')
    expect(shown).not.toMatch(/router|Called the shop/)
  })

  it('Issue Edit 1–5: gets its name, categories, product of the Location, texts, and is saved', async () => {
    await press('Issue Edit')
    await page.getByLabel('Issue Name').fill('Vx520 shows no line')
    await page.getByLabel('Categories, by comma').fill('Point of sale, Network')
    const products = await page.getByLabel('Product').locator('option').allInnerTexts()
    expect(products).toEqual(
      expect.arrayContaining(['Not listed?', 'Verifone Vx520', 'Northwind Edge router']),
    )
    await page.getByLabel('What it seems to be').fill('an old modem')
    await press('Save')
    await facts('an old modem (not listed)')
    await page.getByLabel('Product').selectOption({ label: 'Verifone Vx520' })
    await page.getByLabel('Issue Symptoms').fill('NO LINE on the display of till 1.')
    await page.getByLabel('Diagnosis').fill('The router is silent.')
    await page.getByLabel('Resolution').fill('To come.')
    await press('Save')
    await facts(/Verifone Vx520[\s\S]*Point of sale, Network/)
    await page.getByRole('heading', { level: 1, name: 'Vx520 shows no line' }).waitFor()
  })

  it('6–8: gets an article, which is searched, read, added, and closed again', async () => {
    await press('Articles')
    await page.getByLabel('Search Articles').fill('router is down')
    await press('Search')
    await page.getByRole('button', { name: 'The router is down', exact: true }).click()
    await page.getByRole('heading', { level: 2, name: 'The router is down' }).waitFor()
    await page.locator('article').getByRole('button', { name: 'Add to Issue & Copy URL' }).click()
    await page.getByText(/^Added;/).waitFor()
    await page.getByRole('button', { name: 'Article runbook-router-down' }).waitFor()
    await press('Close the article')
    await expectAccessible(page, 'issue-article-added')
  })

  it('9: keeps a file', async () => {
    await press('Files')
    await page.getByLabel(/Attach a file/).setInputFiles({
      name: 'display.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('NO LINE'),
    })
    const link = page.getByRole('link', { name: 'display.txt' })
    await link.waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
    expect(download.suggestedFilename()).toBe('display.txt')
  })

  it('10: is escalated with all that was said, and given back to who had it', async () => {
    await press('Pass on')
    await page.getByRole('combobox', { name: /^What/ }).selectOption('escalate')
    await page
      .getByRole('combobox', { name: /^Team/ })
      .selectOption({ label: 'Network Team, Northwind Networks, line 2' })
    await page.getByRole('textbox', { name: /^Note/ }).fill('The router is silent.')
    await press('Pass it on')
    await facts(/Unclaimed[\s\S]*Network Team/)
    const address = page.url()
    await press('Log out')
    await logIn(/Network Team/)
    await page.goto(address)
    await press('Claim')
    await facts(/Remote[\s\S]*Nils Network/)
    // Nothing is explained again: the private room came along.
    await page.getByRole('button', { name: /^Private Chat/ }).click()
    await page.locator('.entries', { hasText: 'Looks like the router.' }).waitFor()
    await press('Pass on')
    await page.getByRole('combobox', { name: /^What/ }).selectOption('de-escalate')
    await page.getByRole('textbox', { name: /^Note/ }).fill('The router is back.')
    await press('Pass it on')
    await facts(/Remote[\s\S]*POS Team[\s\S]*Paula POS/)
    await press('Log out')
    await logIn(/POS Team/)
    await page.goto(address)
    await press('History')
    await page.getByText('The router is back.').first().waitFor()
    await expectAccessible(page, 'issue-history-passed')
  })

  it('10: is assigned to a Team and User, and shared with Users of other Organizations', async () => {
    await press('Pass on')
    const assignment = page.getByRole('form', { name: 'Assignment' })
    await assignment.getByLabel('Owner User').selectOption({ label: 'nobody: Unclaimed' })
    await assignment.getByRole('button', { name: 'Assign', exact: true }).click()
    await facts('Unclaimed')
    await assignment.getByLabel('Owner User').selectOption({ label: 'Paula POS' })
    await assignment.getByRole('button', { name: 'Assign', exact: true }).click()
    await facts(/Remote[\s\S]*Paula POS/)
    await assignment.getByRole('checkbox', { name: /Toni Technician, Proactive Operations/ }).check()
    await assignment.getByRole('button', { name: 'Save collaborating Users' }).click()
    await expect
      .poll(() => assignment.getByRole('checkbox', { name: /Toni Technician/ }).isChecked(), {
        timeout: 10_000,
      })
      .toBe(true)
    await expectAccessible(page, 'issue-assignment')
  })

  it('11–14: is resolved as Completed with the survey off, and reads Resolved', async () => {
    await press('Resolve')
    const survey = page.getByRole('checkbox', { name: /Ask the Customer by e-mail/ })
    expect(await survey.isChecked()).toBe(false)
    await page.getByRole('combobox', { name: /^Resolution/ }).selectOption('Completed')
    await page.getByLabel('What was done').fill('Restarted the router.')
    await page.getByRole('button', { name: /^Save: the Issue is Resolved/ }).click()
    await facts(/Resolved \(Completed\)/)
    await queue('Mine', 0)
    await page.getByText('Nothing in this queue.').waitFor()
    expect(errors).toEqual([])
  })

  it('says over the Location when the helpdesk is out of reach, and that it is back', async () => {
    await page.getByRole('link', { name: 'Locations', exact: true }).click()
    await page.getByRole('link', { name: 'Cornerstone Café' }).click()
    await page.locator('.verdict-card').waitFor()
    cloud.helpdesk.kill('SIGKILL')
    const banner = page.getByRole('alert').filter({ hasText: /The helpdesk is out of reach since \d\d:\d\d/ })
    await banner.waitFor({ timeout: 60_000 })
    await expectAccessible(page, 'location-helpdesk-away')
    await cloud.restart('helpdesk')
    await banner.waitFor({ state: 'detached', timeout: 60_000 })
  })
})
