import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible } from './fixture/accessible.ts'
import { hasBrowser, openBrowser } from './fixture/browser.ts'
import { canRunLab, useStack } from './fixture/stack.ts'

/** What an attacker may call a device, an Issue or a maintenance. */
const nasty = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'

describe.skipIf(!canRunLab || !hasBrowser)('what a technician does at a Location', () => {
  const stack = useStack({ hasBackupUplink: true })
  let page: Page
  let close: () => Promise<void> = async () => undefined
  /** What a clock at the Location shows, as a field for it takes it. */
  const clock = (ms: number) =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin', dateStyle: 'short', timeStyle: 'short' })
      .format(ms)
      .replace(' ', 'T')
  const address = () => `${stack().cloud.webUrl}/locations/${stack().demo.locationId}`

  beforeAll(async () => {
    const browser = await openBrowser()
    close = browser.close
    page = await browser.context.newPage()
    const user = stack().demo.users[0]
    await page.goto(stack().cloud.webUrl)
    await page.getByLabel('E-mail').fill(user?.email ?? '')
    await page.getByLabel('Password').fill(user?.password ?? '')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('link', { name: 'Cornerstone Café' }).click()
    await page.locator('.verdict-card').waitFor()
  })
  afterAll(() => close())

  it('plans maintenance, sees it on the time axis, and ends it', async () => {
    const section = page.getByRole('region', { name: 'Maintenance and silences' })
    await section.getByText('Nothing is planned').waitFor()
    await section.getByText('Plan maintenance').click()
    await section.getByLabel('To', { exact: true }).fill('2020-01-01T00:00')
    await section.getByRole('button', { name: 'Plan it' }).click()
    await section.getByText('The end must lie behind the start.').waitFor()
    await section.getByLabel('When').selectOption('weekly')
    await section.getByRole('group', { name: 'Days' }).getByRole('checkbox').first().check()
    // Half a day from now, so that it does not go on while it is looked at.
    const later = clock(Date.now() + 43_200_000).slice(11)
    await section.getByLabel(/^From/).fill(later)
    await section.locator('details[open]').getByLabel('Why').fill(nasty)
    await section.getByRole('button', { name: 'Plan it' }).click()
    await section.getByText('Planned: its faults are recorded').waitFor()
    await section
      .getByRole('listitem')
      .filter({ hasText: `Mon, Sun at ${later}, 120 min` })
      .waitFor()
    await section.getByLabel('When').selectOption('once')
    await section.getByLabel(/^From/).fill(clock(Date.now() - 60_000))
    await section.getByLabel('To', { exact: true }).fill(clock(Date.now() + 3_600_000))
    await section.getByRole('button', { name: 'Plan it' }).click()
    const running = section.getByRole('listitem').filter({ hasText: 'Maintenance now' })
    await running.waitFor()
    await page.locator('.strip', { hasText: '⚒ Maintenance' }).first().waitFor()
    await expectAccessible(page, 'location-maintenance')
    await running.getByRole('button', { name: 'End it' }).click()
    await section.getByText('The maintenance has ended.').waitFor()
    await running.waitFor({ state: 'detached' })
  })

  it('silences one cause for some hours, and ends the silence', async () => {
    const section = page.getByRole('region', { name: 'Maintenance and silences' })
    await section.getByText('Silence a fault').click()
    const form = section.locator('details', { hasText: 'Silence a fault' })
    await form.getByLabel('Cause').selectOption({ label: 'Terminal down' })
    await form.getByLabel('Why').fill('new terminal comes on Monday')
    await form.getByRole('button', { name: 'Silence it' }).click()
    const silence = section.getByRole('listitem').filter({ hasText: 'Terminal down: no new Issue until' })
    await silence.getByRole('button', { name: 'End it' }).click()
    await section.getByText('The silence has ended.').waitFor()
    await silence.waitFor({ state: 'detached' })
  })

  it('changes the opening hours, and is told what is no time', async () => {
    const section = page.getByRole('region', { name: 'Opening hours' })
    await section.getByText('Change the hours').click()
    await section.getByLabel('Mon', { exact: true }).fill('8 to 12')
    await section.getByRole('button', { name: 'Save the hours' }).click()
    await section.getByText(/Mon: write times as/).waitFor()
    await section.getByLabel('Mon', { exact: true }).fill('08:00-12:00, 13:00-24:00')
    await section.getByLabel('Holidays').fill('2026-12-25')
    await section.getByRole('button', { name: 'Save the hours' }).click()
    await section.getByRole('row', { name: 'Mon 08:00–12:00, 13:00–24:00' }).waitFor()
    await section.getByText('Closed on 2026-12-25').waitFor()
    await expectAccessible(page, 'location-hours')
  })

  it('watches each second as long as it looks', async () => {
    const section = page.getByRole('region', { name: 'Live, each second' })
    await section.getByRole('button', { name: 'Watch live' }).click()
    const router = section.getByRole('listitem').first()
    await router.getByText(/ms$/).waitFor()
    const beats = () => router.locator('path').getAttribute('d')
    const before = (await beats()) ?? ''
    await expect
      .poll(async () => ((await beats()) ?? '').split('L').length, { timeout: 8_000 })
      .toBeGreaterThan(before.split('L').length + 2)
    await expectAccessible(page, 'location-live')
    await section.getByRole('button', { name: 'Stop watching' }).click()
    await router.waitFor({ state: 'detached' })
  })

  it('shows a live tool’s answer line by line', async () => {
    await page.getByLabel('Target').fill('192.168.77.1')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    const run = page.locator('.runs li').first()
    await run.getByText(/^1 {2}\d/).waitFor()
    expect(await run.getByText(/answered/).count()).toBe(0)
    await run.getByText(/5 of 5 answered/).waitFor()
  })

  it('shows a piece of time by its link, closer, earlier and beside another device, and saves it as CSV that no spreadsheet runs', async () => {
    const { devices } = await stack().location()
    const terminal = devices.find(({ device }) => device.role === 'pos-terminal')?.device
    await page.goto(`${address()}/devices/${terminal?.id}`)
    await page.getByText('Correct it').click()
    await page.getByLabel('Name').fill(`=cmd|calc ${nasty}`)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: '=cmd|calc' }).waitFor()
    const toMs = Date.now()
    await page.goto(`${address()}?from=${toMs - 600_000}&to=${toMs}&device=${terminal?.id}`)
    await page.getByRole('button', { name: 'Back to now' }).waitFor()
    expect(await page.getByRole('combobox', { name: /^Device/ }).inputValue()).toBe(terminal?.id)
    const shownMs = () => {
      const asked = new URL(page.url()).searchParams
      return [Number(asked.get('from')) - toMs, Number(asked.get('to')) - toMs]
    }
    const shown = page.getByRole('group', { name: 'Shown time' })
    await shown.getByRole('button', { name: 'Closer' }).click()
    await expect.poll(shownMs).toEqual([-450_000, -150_000])
    await shown.getByRole('button', { name: 'Earlier' }).click()
    await expect.poll(shownMs).toEqual([-600_000, -300_000])
    const router = devices.find(({ device }) => device.isGateway)?.device
    await page.getByRole('combobox', { name: 'Compare with' }).selectOption(router?.id ?? '')
    await page
      .locator('figure', { hasText: /router: / })
      .first()
      .waitFor()
    await page.goto(`${address()}?from=${toMs - 600_000}&to=${toMs}&device=${terminal?.id}`)
    await page.getByText('As a table').click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV' }).click(),
    ])
    const csv = await readFile((await download.path()) ?? '', 'utf8')
    const cells = csv.split(/\r\n|,/)
    expect(cells.length).toBeGreaterThan(5)
    expect(cells.filter((cell) => /^"?[=+\-@\t\r]/.test(cell))).toEqual([])
  })

  it('prints a report of the Location, without what can be pressed', async () => {
    await page.emulateMedia({ media: 'print' })
    await page.locator('table.devices').waitFor()
    expect(await page.getByRole('link', { name: 'Fleet' }).isVisible()).toBe(false)
    expect(await page.getByRole('button', { name: 'Watch live' }).isVisible()).toBe(false)
    expect((await page.pdf({ format: 'A4' })).byteLength).toBeGreaterThan(10_000)
    await page.emulateMedia({ media: 'screen' })
  })

  it('shows markup in names and notes as text, wherever they stand', async () => {
    for (const path of ['', '?device=x', '/devices']) {
      const { devices } = await stack().location()
      const terminal = devices.find(({ device }) => device.name?.startsWith('=cmd'))?.device.id
      await page.goto(path === '/devices' ? `${address()}/devices/${terminal}` : `${address()}${path}`)
      await page.getByText(nasty).first().waitFor()
      await page.locator('.line-chart canvas').first().waitFor()
      expect(
        await page.evaluate(() => [
          Reflect.get(globalThis, 'hurt'),
          document.querySelectorAll('img[src="x"]').length,
        ]),
      ).toEqual([undefined, 0])
    }
  })
})
