import { mkdtemp, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import type { Stack } from '../stack/stack.ts'

export interface ScreenshotOptions {
  readonly stack: Stack
  readonly folder: string
  /** Path of the browser. */
  readonly chromium: string
  readonly say: (line: string) => void
}

/** Pictures live in the repository: each stays small. */
const maxBytes = 300_000
const desktop = { width: 1_360, height: 960 }
const phone = { width: 360, height: 780 }
/** Measurements of a minute, so that the charts show something. */
const settleMs = 75_000

/** Takes each main page in the light and dark theme and on a phone. @throws Error where a page does not come, or a picture is too large. */
export async function takeScreenshots({
  stack,
  folder,
  chromium: executablePath,
  say,
}: ScreenshotOptions): Promise<void> {
  const profile = await mkdtemp('/tmp/px-browser-')
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: desktop,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  })
  try {
    const page = await context.newPage()
    const location = `${stack.cloud.webUrl}/locations/${stack.demo.locationId}`
    const take = (name: string, anchor?: string) => takeBoth(page, join(folder, name), say, anchor)

    await page.goto(stack.cloud.webUrl)
    await page.getByRole('button', { name: 'Log in' }).waitFor()
    await take('log-in')
    await logIn(page, stack, /technician/i)
    await page.waitForTimeout(settleMs)
    await take('overview')
    await page.goto(location)
    await page.locator('.line-chart canvas').first().waitFor()
    await take('location')
    await take('location-timeline', '#timeline')
    await page.getByRole('link', { name: /Vx520/ }).first().click()
    await page.getByRole('heading', { name: 'Why it is taken for this' }).waitFor()
    await page.locator('.line-chart canvas').first().waitFor()
    await take('device')
    await page.goto(`${stack.cloud.webUrl}/fleet`)
    await page.getByRole('table').waitFor()
    await take('fleet')

    await page.goto(location)
    const broken = await stack.fault(['router-down'], true)
    if (broken.kind === 'usage') throw new Error(broken.message)
    await page.locator('.verdict-card', { hasText: /router unreachable/i }).waitFor()
    await take('location-router-down')
    await page.goto(stack.cloud.webUrl)
    await page.locator('.location[data-health="down"]').waitFor()
    await take('overview-router-down')
    await page.getByRole('button', { name: 'Log out' }).click()
    await logIn(page, stack, /network/i)
    await page.getByRole('link', { name: 'Issues', exact: true }).click()
    await page.locator('.case a').first().waitFor()
    await take('issues')
    await page.locator('.case a').first().click()
    await page.locator('.facts').waitFor()
    await take('issue')
  } finally {
    await context.close()
    await rm(profile, { recursive: true, force: true })
  }
}

async function logIn(page: Page, stack: Stack, title: RegExp): Promise<void> {
  const user = stack.demo.users.find((each) => title.test(each.title))
  if (user === undefined) throw new Error(`the demo has nobody like ${title}`)
  await page.getByLabel('E-mail').fill(user.email)
  await page.getByLabel('Password').fill(user.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.locator('.locations').waitFor()
}

async function takeBoth(
  page: Page,
  path: string,
  say: (line: string) => void,
  anchor?: string,
): Promise<void> {
  for (const look of ['light', 'dark', 'phone'] as const) {
    await page.emulateMedia({ colorScheme: look === 'dark' ? 'dark' : 'light' })
    await page.setViewportSize(look === 'phone' ? phone : desktop)
    // Charts follow the width and the theme by themselves, a frame later.
    await page.waitForTimeout(600)
    await page.evaluate((target) => {
      if (target === undefined) scrollTo(0, 0)
      else document.querySelector(target)?.scrollIntoView({ block: 'start' })
    }, anchor)
    const file = `${path}-${look}.png`
    await page.screenshot({ path: file })
    const { size } = await stat(file)
    say(`${file.slice(file.lastIndexOf('/') + 1)} ${Math.round(size / 1_000)} kB`)
    if (size > maxBytes) throw new Error(`${file} has ${size} bytes, more than ${maxBytes}`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize(desktop)
}
