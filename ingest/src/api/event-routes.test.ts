import type { AddressInfo } from 'node:net'
import { type Issue, issueSchema } from '@proactive/shared/http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Browser,
  dedupKeyOf,
  demoLocationId,
  demoPeople,
  startWeb,
  viewOf,
  type WebUnderTest,
} from './web-under-test.ts'

interface Received {
  readonly id: string | undefined
  readonly type: string
  readonly data: Record<string, unknown>
}

describe('live events', () => {
  let web: WebUnderTest
  let origin: string
  let streams: { stop(): void }[]
  beforeEach(async () => {
    web = await startWeb({ heartbeatMs: 50 })
    await web.app.listen({ host: '127.0.0.1', port: 0 })
    origin = `http://127.0.0.1:${(web.app.server.address() as AddressInfo).port}`
    streams = []
  })
  afterEach(async () => {
    for (const stream of streams) stream.stop()
    await web.stop()
  })

  it('tell a Location and its changed devices, with growing ids', async () => {
    const stream = await follow(await web.browserOf(demoPeople.technician))
    await web.projections.projectView(viewOf(demoLocationId))
    const [location, device] = [await stream.next(), await stream.next()]
    expect([location.type, device.type]).toEqual(['location', 'device'])
    expect(device.data).toMatchObject({
      state: { device: { id: 'dev-pos-1' }, productName: 'Verifone Vx520' },
    })
    web.projections.announceTelemetry(demoLocationId, 1, 1)
    const telemetry = await stream.next()
    expect(Number(telemetry.id?.split('-')[1])).toBeGreaterThan(Number(device.id?.split('-')[1]))
  })

  it('tell of a sleeper that nobody can ask any more when its router goes down', async () => {
    const [till] = viewOf(demoLocationId).devices
    if (till === undefined) throw new Error('the fixture has a device')
    const sleeper = { ...till, device: { ...till.device, isSleeper: true }, health: 'asleep' as const }
    const router = { ...till, device: { ...till.device, id: 'dev-router', isGateway: true } }
    await web.projections.projectView(viewOf(demoLocationId, { devices: [sleeper, router] }))
    await web.projections.settled()
    const stream = await follow(await web.browserOf(demoPeople.technician))
    const down = { ...router, health: 'down' as const }
    await web.projections.projectView(viewOf(demoLocationId, { devices: [sleeper, down] }))
    const [, first, second] = [await stream.next(), await stream.next(), await stream.next()]
    expect([first.data.state, second.data.state]).toMatchObject([
      {
        device: { id: 'dev-pos-1' },
        health: 'unknown',
        explainedBy: 'Asleep or cut off: the router does not answer',
      },
      { device: { id: 'dev-router' }, health: 'down' },
    ])
  })

  it('resume behind Last-Event-ID without a gap', async () => {
    const browser = await web.browserOf(demoPeople.technician)
    const first = await follow(browser)
    web.projections.announceTelemetry(demoLocationId, 1, 1)
    const { id } = await first.next()
    first.stop()
    for (const atMs of [2, 3, 4]) web.projections.announceTelemetry(demoLocationId, atMs, atMs)
    const second = await follow(browser, '', id)
    const atMs = [await second.next(), await second.next(), await second.next()].map(
      (event) => event.data.atMs,
    )
    expect(atMs).toEqual([2, 3, 4])
  })

  it('ask for a fresh look where too much was missed or the server is another', async () => {
    const browser = await web.browserOf(demoPeople.technician)
    web.projections.announceTelemetry(demoLocationId, 1, 1)
    const first = await follow(browser, '', 'otherrun-7')
    expect((await first.next()).type).toBe('resync')
    const numbered = web.feed.since('x')
    expect(numbered).toBeUndefined()
  })

  it('show an Organization only its Locations, and Issues only to owner and collaborators', async () => {
    await web.directory.people.putOrganization({ id: 'org-stranger', name: 'Stranger Ltd' })
    await web.directory.people.putUser(
      {
        id: 'user-stranger',
        organizationId: 'org-stranger',
        teamIds: [],
        name: 'S',
        email: 's@stranger.example',
        role: 'admin',
      },
      'a password to try',
    )
    const stranger = await follow(await web.browserOf('s@stranger.example', 'a password to try'))
    const network = await follow(await web.browserOf(demoPeople.networkAgent))
    const pos = await follow(await web.browserOf(demoPeople.posAgent))
    const technician = await follow(await web.browserOf(demoPeople.technician))

    web.feed.publish({ type: 'issue', issue: issueOf('org-northwind', ['team-pos']) })
    expect((await network.next()).type).toBe('issue')
    expect((await pos.next()).type).toBe('issue')
    web.projections.announceTelemetry(demoLocationId, 1, 1)
    expect((await technician.next()).type).toBe('telemetry')
    // A User who collaborates brings the own Organization along.
    const shared = { ...issueOf('org-northwind', []), collaboratorUserIds: ['user-technician'] }
    web.feed.publish({ type: 'issue', issue: shared })
    expect((await technician.next()).type).toBe('issue')

    await web.directory.places.putStake({
      locationId: demoLocationId,
      organizationId: 'org-stranger',
      kind: 'seller',
    })
    await stranger.beats(2)
    web.projections.announceTelemetry(demoLocationId, 2, 2)
    expect((await stranger.next()).data).toMatchObject({ type: 'telemetry', atMs: 2 })
  })

  it('end when the log-in ends', async () => {
    const browser = await web.browserOf(demoPeople.posAgent)
    const stream = await follow(browser)
    await browser.request({ method: 'DELETE', url: '/api/session' })
    await expect(stream.next()).rejects.toThrow('stream ended')
  })

  it('are cut for a client that does not read, and counted', async () => {
    const browser = await web.browserOf(demoPeople.technician)
    const aborter = new AbortController()
    const response = await fetch(`${origin}/api/events`, { headers: browser.headers, signal: aborter.signal })
    streams.push({ stop: () => aborter.abort() })
    expect(response.status).toBe(200)
    const issue = issueOf('org-proactive-operations', [], 'x'.repeat(4_000))
    const count = async () =>
      (await web.registry.getSingleMetricAsString('proactive_event_streams_dropped_total')).match(
        /slow"\} (\d+)/,
      )?.[1]
    for (let burst = 0; burst < 200 && (await count()) === undefined; burst += 1) {
      for (let n = 0; n < 100; n += 1) web.feed.publish({ type: 'issue', issue })
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await count()).toBe('1')
  })

  it('open at most 16 times for one User', async () => {
    const browser = await web.browserOf(demoPeople.technician)
    for (let n = 0; n < 16; n += 1) await follow(browser)
    const response = await fetch(`${origin}/api/events`, { headers: browser.headers })
    expect(response.status).toBe(429)
    await response.body?.cancel()
  })

  async function follow(browser: Browser, search = '', lastEventId?: string) {
    const aborter = new AbortController()
    const headers = {
      ...browser.headers,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    }
    const response = await fetch(`${origin}/api/events${search}`, { headers, signal: aborter.signal })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const received: Received[] = []
    let beats = 0
    let hasEnded = false
    let wake: () => void = () => undefined
    const reading = (async () => {
      let text = ''
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString('utf8')
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks) {
          const event = parse(block)
          if (event !== undefined) received.push(event)
          else if (block.startsWith(':')) beats += 1
        }
        wake()
      }
    })()
    reading
      .catch(() => undefined)
      .finally(() => {
        hasEnded = true
        wake()
      })
    const until = async (isDone: () => boolean) => {
      while (!isDone()) {
        if (hasEnded) throw new Error('stream ended')
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
    const stream = {
      stop: () => aborter.abort(),
      next: async (): Promise<Received> => {
        await until(() => received.length > 0)
        return received.shift() as Received
      },
      beats: async (n: number) => {
        const target = beats + n
        await until(() => beats >= target)
      },
    }
    streams.push(stream)
    return stream
  }
})

function parse(block: string): Received | undefined {
  const lines = new Map(
    block.split('\n').map((line) => [line.split(': ', 1)[0] ?? '', line.replace(/^\w+: /, '')]),
  )
  const data = lines.get('data')
  const type = lines.get('event')
  return data === undefined || type === undefined
    ? undefined
    : { id: lines.get('id'), type, data: JSON.parse(data) }
}

function issueOf(ownerOrganizationId: string, collaboratorTeamIds: string[], text = ''): Issue {
  return issueSchema.parse({
    id: 'issue-1',
    number: 1,
    key: dedupKeyOf(1),
    name: 'Router unreachable',
    source: 'proactive',
    status: 'Unclaimed',
    customerId: 'cust-cornerstone',
    customerName: 'Cornerstone Café',
    customerNumber: 'C-1001',
    locationId: demoLocationId,
    locationName: 'Cornerstone Café',
    ownerTeamId: 'team-network',
    ownerTeamName: 'Network Team',
    ownerOrganizationId,
    collaboratorTeamIds,
    product: { kind: 'not-listed', name: 'Router' },
    severity: 'high',
    categories: [],
    symptoms: '',
    diagnosis: text,
    resolutionText: '',
    articleUrls: [],
    isTouched: false,
    version: 1,
    createdAtMs: 1,
    updatedAtMs: 1,
  })
}
