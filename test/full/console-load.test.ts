import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sqliteFileName } from '../../ingest/src/db/sqlite.ts'
import { type Cloud, startCloud } from '../../scripts/stack/cloud.ts'
import { logIn } from '../../scripts/stack/cloud-client.ts'
import { hasBrowser, openBrowser } from '../e2e/fixture/browser.ts'
import { type BusyAppliance, startBusyAppliance } from './busy-appliance.ts'

const devices = 200
const locations = 5_000
const measureMs = 60_000

/** What the page's main thread did, by Chromium's own count. */
interface Load {
  /** From start to end of each task. */
  readonly taskSeconds: number
  /** Processor time of the same. */
  readonly cpuSeconds: number
  readonly longestMs: number
  readonly longTasksMs: readonly number[]
}

/** One event of Chromium's trace format; `tdur` = processor time in µs. */
interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

describe.skipIf(!hasBrowser)('the console under load', () => {
  let cloud: Cloud
  let appliance: BusyAppliance
  let page: Page
  let cdp: CDPSession
  let dataDir = ''
  let close: () => Promise<void> = async () => undefined

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
      profile: 'lab',
      hasDemo: true,
      hasBackupUplink: false,
      env: process.env,
    })
    const user = cloud.demo?.users[0]
    if (cloud.demo === undefined || user === undefined) throw new Error('the demo has nobody')
    const client = await logIn(cloud.webUrl, user)
    const { bundle } = await client.createClaim(cloud.demo.locationId)
    appliance = await startBusyAppliance({ cloud, bundle, devices })
    const browser = await openBrowser()
    close = browser.close
    page = await browser.context.newPage()
    cdp = await browser.context.newCDPSession(page)
    await cdp.send('Performance.enable')
    await page.goto(cloud.webUrl)
    await page.getByLabel('E-mail').fill(user.email)
    await page.getByLabel('Password').fill(user.password)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('link', { name: 'Cornerstone Café' }).waitFor()
  })
  afterAll(async () => {
    await close()
    await appliance?.stop()
    await cloud?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  const taskSeconds = async () => {
    const { metrics } = await cdp.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
  }
  /** Tasks by processor time, from Chromium's trace: on a busy machine a task that waits for its turn is no long task. */
  async function measure(work: () => Promise<void>): Promise<Load> {
    const events: TraceEvent[] = []
    cdp.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
    const complete = new Promise((resolve) => cdp.once('Tracing.tracingComplete', resolve))
    await cdp.send('Tracing.start', { traceConfig: { includedCategories: ['toplevel', '__metadata'] } })
    const before = await taskSeconds()
    await work()
    const after = await taskSeconds()
    await cdp.send('Tracing.end')
    await complete
    const mains = new Set(
      events
        .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
        .map(({ pid, tid }) => `${pid}/${tid}`),
    )
    const tasks = events
      .filter(({ name, pid, tid }) => name.endsWith('RunTask') && mains.has(`${pid}/${tid}`))
      .map(({ tdur = 0 }) => tdur / 1_000)
    expect(tasks.length).toBeGreaterThan(100)
    return {
      taskSeconds: after - before,
      cpuSeconds: tasks.reduce((sum, ms) => sum + ms, 0) / 1_000,
      longestMs: Math.max(...tasks),
      longTasksMs: tasks.filter((ms) => ms > 50),
    }
  }
  const say = (text: string) => process.stderr.write(`${text}\n`)

  it('is usable in less than a second', async () => {
    const times: number[] = []
    for (let run = 0; run < 5; run++) {
      await page.goto('about:blank')
      await page.goto(cloud.webUrl)
      await page.getByRole('link', { name: 'Cornerstone Café' }).waitFor()
      times.push(
        await page.evaluate(() => {
          const mark = performance.getEntriesByName('usable')[0]
          return mark?.startTime ?? Number.NaN
        }),
      )
    }
    const median = times.toSorted((a, b) => a - b)[2] ?? Number.NaN
    say(`first usable view: median ${Math.round(median)} ms of ${times.map(Math.round).join(', ')}`)
    expect(median).toBeLessThan(1_000)
  })

  it('follows 200 devices that change each second with less than a tenth of a core and no long task', async () => {
    await page.getByRole('link', { name: 'Cornerstone Café' }).click()
    const rows = page.locator('table.devices tbody tr')
    await expect.poll(() => rows.count(), { timeout: 60_000 }).toBe(devices)
    await page.locator('.line-chart canvas').first().waitFor()
    await page.waitForTimeout(5_000)
    const first = await rows.nth(20).textContent()
    const told = appliance.ticks()
    const load = await measure(() => page.waitForTimeout(measureMs))
    const share = load.taskSeconds / (measureMs / 1_000)
    say(
      `200 devices, ${appliance.ticks() - told} rounds in ${measureMs / 1_000} s: main thread ${(share * 100).toFixed(1)} % of a core by TaskDuration, ${((load.cpuSeconds * 100_000) / measureMs).toFixed(1)} % by processor time, longest task ${load.longestMs.toFixed(0)} ms`,
    )
    expect(appliance.ticks() - told).toBeGreaterThan(50)
    expect(await rows.nth(20).textContent()).not.toBe(first)
    expect(load.longTasksMs).toEqual([])
    // TaskDuration also counts waiting for a core, so it is told and the processor time is held.
    expect(load.cpuSeconds / (measureMs / 1_000)).toBeLessThan(0.1)
  })

  it('scrolls through 5,000 Locations without a long task', async () => {
    addLocations(join(dataDir, 'ingest'), locations)
    await page.goto(cloud.webUrl)
    await page.locator('.locations li').first().waitFor()
    await page.waitForTimeout(2_000)
    const frames = { count: 0, worstMs: 0 }
    const load = await measure(async () => {
      const seen = await page.evaluate(async () => {
        const gaps: number[] = []
        let last = performance.now()
        const end = last + 10_000
        while (last < end) {
          scrollBy(0, 180)
          const now = await new Promise<number>(requestAnimationFrame)
          gaps.push(now - last)
          last = now
        }
        return {
          count: gaps.length,
          worstMs: Math.max(...gaps),
          cards: document.querySelectorAll('.locations li').length,
        }
      })
      Object.assign(frames, seen)
    })
    const cards = await page.locator('.locations li').count()
    say(
      `5,000 Locations: ${frames.count} frames in 10 s, worst ${Math.round(frames.worstMs)} ms, ${cards} cards made, longest task ${load.longestMs.toFixed(0)} ms of processor time`,
    )
    expect(await page.getByRole('button', { name: /5,?001 Locations/ }).count()).toBe(1)
    expect(cards).toBeLessThan(300)
    expect(load.longTasksMs).toEqual([])
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
    await page.getByRole('link', { name: 'Shop 4999' }).waitFor()
  })
})

/** Locations that were never seen, with a stake for whoever sees the demo's. */
function addLocations(folder: string, count: number): void {
  const database = new Database(join(folder, sqliteFileName))
  const organizations = database.prepare('select distinct organization_id from stakes').pluck().all()
  const columns =
    'id, customer_id, name, time_zone, calendar, has_backup_uplink, config_version, config_appended_version'
  const customer = database.prepare('insert into customers (id, name, number) values (?, ?, ?)')
  const location = database.prepare(
    `insert into locations (${columns}) values (?, ?, ?, 'Europe/Berlin', ?, 0, 1, 1)`,
  )
  const stake = database.prepare('insert into stakes (location_id, organization_id, kind) values (?, ?, ?)')
  database.transaction(() => {
    for (let index = 0; index < count; index++) {
      const number = String(index).padStart(4, '0')
      customer.run(`cust-${number}`, `Shop ${number}`, `S-${number}`)
      location.run(`loc-${number}`, `cust-${number}`, `Shop ${number}`, '{"openings":[],"holidays":[]}')
      for (const organization of organizations) stake.run(`loc-${number}`, organization, 'support')
    }
  })()
  database.close()
}
