import AxeBuilder from '@axe-core/playwright'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser, openBrowser, picturePath } from './fixture/browser.ts'
import { canRunLab, quietly, useStack } from './fixture/stack.ts'

const wcag22aa = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

describe.skipIf(!canRunLab || !hasBrowser)('the console in a real browser', () => {
  const stack = useStack({ hasBackupUplink: true })
  let context: BrowserContext
  let page: Page
  let close: () => Promise<void> = async () => undefined
  /** Requests that left our origin, and errors of the page: there must be none. */
  const foreign: string[] = []
  const errors: string[] = []

  beforeAll(async () => {
    const browser = await openBrowser()
    context = browser.context
    close = browser.close
    page = await context.newPage()
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== new URL(stack().cloud.webUrl).origin) foreign.push(request.url())
    })
    page.on('pageerror', (error) => errors.push(error.message))
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

  async function expectAccessible(name: string): Promise<void> {
    const path = picturePath(name)
    if (path !== undefined) await page.screenshot({ path, fullPage: true })
    const { violations } = await new AxeBuilder({ page }).withTags(wcag22aa).analyze()
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
  }

  it('refuses a wrong password in one sentence', async () => {
    await page.goto(stack().cloud.webUrl)
    await expectAccessible('log-in')
    await page.getByLabel('E-mail').fill('technician@proactive.example')
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('alert').filter({ hasText: /\S/ }).waitFor()
    expect(await page.getByRole('alert').textContent()).toMatch(/e-mail|password/i)
  })

  it('shows the Location with its devices when all is well', async () => {
    await logIn(/technician/i)
    await page.getByRole('link', { name: 'Cornerstone Café' }).waitFor()
    await expectAccessible('overview')
    await page.getByRole('link', { name: 'Cornerstone Café' }).click()
    await page
      .getByRole('row', { name: /Verifone Vx520/ })
      .first()
      .waitFor()
    await page.locator('.chart canvas').waitFor()
    await expectAccessible('location-ok')
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
    await expectAccessible('location-router-down')
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
    await expectAccessible('issue')
  })

  it('asks nothing of any other origin and breaks nowhere', () => {
    expect(foreign).toEqual([])
    expect(errors).toEqual([])
  })
})
