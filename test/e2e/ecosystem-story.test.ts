import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser, openBrowser } from './fixture/browser.ts'
import { awaitIssues, canRunLab, quietly, useStack } from './fixture/stack.ts'

describe.skipIf(!canRunLab || !hasBrowser)('the POS provider is called, and the router is at fault', () => {
  const stack = useStack({ hasBackupUplink: true })
  let page: Page
  let close: () => Promise<void> = async () => undefined
  beforeAll(async () => {
    const browser = await openBrowser()
    close = browser.close
    page = await browser.context.newPage()
  })
  afterAll(() => close())

  async function logIn(title: RegExp): Promise<void> {
    const user = stack().demo.users.find((candidate) => title.test(candidate.title))
    await page.goto(stack().cloud.webUrl)
    await page.getByLabel('E-mail').fill(user?.email ?? '')
    await page.getByLabel('Password').fill(user?.password ?? '')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'Locations', exact: true }).waitFor()
  }
  const press = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' }).click()
  const facts = (text: RegExp) => page.locator('.facts', { hasText: text }).waitFor()

  it('shows the POS agent at once whose Issue it is; nobody explains anything twice, and there is one Issue', async () => {
    await quietly(stack(), 'fault', 'router-down')
    const [issue] = await awaitIssues(stack(), (issues) => issues.length > 0, 60_000)
    expect(issue).toMatchObject({ ownerTeamName: 'Network Team', status: 'Unclaimed', source: 'proactive' })

    // The merchant calls the POS provider, whose agent looks at the Location.
    await logIn(/POS Team/)
    await page.getByRole('link', { name: 'Cornerstone Café' }).click()
    await page.locator('.verdict-card', { hasText: /router unreachable.*affected, not at fault/i }).waitFor()
    await page.locator('.case', { hasText: 'Network Team' }).getByRole('link').click()
    await facts(/Unclaimed[\s\S]*Network Team[\s\S]*POS Team/)
    expect(await page.getByRole('button', { name: 'Claim' }).count()).toBe(0)
    // A device that the POS agent does not support: the article has the safe checks.
    await press('Articles')
    await page.getByLabel('Search Articles').fill('router is down')
    await press('Search')
    await press('The router is down')
    await page.locator('article ol li').first().waitFor()
    await press(/^Private Chat/)
    await page
      .getByRole('textbox', { name: 'Private Chat' })
      .fill('The merchant called us: the lamps are dark, the power strip was checked.')
    await press('Send')
    await page.locator('.entries', { hasText: 'lamps are dark' }).waitFor()
    const address = page.url()

    // The router's Team owns it already and reads what was found out.
    await press('Log out')
    await logIn(/Network Team/)
    await page.getByRole('link', { name: 'Issues', exact: true }).click()
    await page.locator('.case', { hasText: 'Unclaimed' }).getByRole('link').click()
    expect(page.url()).toBe(address)
    await press('Claim')
    await facts(/Remote[\s\S]*Nils Network/)
    await press(/^Private Chat/)
    await page.locator('.entries', { hasText: 'the power strip was checked' }).waitFor()

    // It turns out to be more: the Issue itself goes to the other Organization, with everything that was said.
    await press('Pass on')
    await page.getByRole('combobox', { name: /^What/ }).selectOption('escalate')
    await page
      .getByRole('combobox', { name: /^Team/ })
      .selectOption({ label: 'POS Team, Tillwise POS, line 1' })
    await page.getByRole('textbox', { name: /^Note/ }).fill('Router replaced; till 1 holds an old address.')
    await press('Pass it on')
    await facts(/Unclaimed[\s\S]*POS Team/)
    await press('Log out')
    await logIn(/POS Team/)
    await page.goto(address)
    await press('Claim')
    await facts(/Remote[\s\S]*Paula POS[\s\S]*Network Team/)
    await press(/^Log Notes/)
    await page.locator('.entries', { hasText: 'till 1 holds an old address' }).waitFor()
    await press('History')
    await page.getByText('Router replaced; till 1 holds an old address.').first().waitFor()

    const issues = await stack().issues()
    expect(issues.map(({ id, ownerTeamName }) => [id, ownerTeamName])).toEqual([[issue?.id, 'POS Team']])
  })
})
