import { fingerprint } from '@proactive/shared'
import type { LocationChange } from '@proactive/shared/http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demoLocationId, demoPeople, startWeb, viewOf, type WebUnderTest } from '../api/web-under-test.ts'
import type { LocationView } from '../faults/model.ts'
import { mostChanges } from './changes.ts'
import { createViewFollower } from './follow-view.ts'

const at = `/api/locations/${demoLocationId}`
const startMs = 1_700_000_000_000

describe('the history of a Location', () => {
  let web: WebUnderTest
  let read: (path: string) => Promise<{ items: never[]; nextCursor: string | null }>
  beforeEach(async () => {
    web = await startWeb()
    const paula = await web.browserOf(demoPeople.posAgent)
    read = async (path) => (await paula.request({ url: `${at}${path}` })).json()
  })
  afterEach(() => web.stop())

  const restart = (n: number, atMs = startMs + n): LocationChange => ({
    id: fingerprint(['restart', n]),
    atMs,
    change: { type: 'device-restarted', deviceId: `dev-${n % 2}` },
  })
  /** The Location's terminal as a view tells it. */
  const seen = (minute: number, change: Partial<LocationView['devices'][number]['device']>): LocationView => {
    const view = viewOf(demoLocationId, { lastSeenMs: startMs + minute * 60_000 })
    const devices = view.devices.map((each) => ({ ...each, device: { ...each.device, ...change } }))
    return { ...view, devices }
  }

  it('tells changes newest first, page by page, of one device or of a piece of time; a repeat changes nothing', async () => {
    for (const n of [1, 2, 3, 3, 4, 5]) await web.records.changes.keep(demoLocationId, restart(n))
    // Of one moment: their order is their ids'.
    await web.records.changes.keep(demoLocationId, restart(6, startMs + 5))
    const ids: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: Awaited<ReturnType<typeof read>> = await read(
        `/changes?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
      )
      ids.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    }
    const newest = [restart(5), restart(6)].map(({ id }) => id).sort()
    expect(ids).toEqual([...newest.reverse(), ...[4, 3, 2, 1].map((n) => restart(n).id)])
    expect((await read('/changes?device=dev-0')).items).toHaveLength(3)
    const some = await read(`/changes?fromMs=${startMs + 2}&toMs=${startMs + 4}`)
    expect(some.items).toMatchObject([{ atMs: startMs + 3 }, { atMs: startMs + 2 }])
    expect(await read('/changes?cursor=x')).toMatchObject({ code: 'invalid-request' })
  })

  it('keeps so many changes of a Location, the newest', async () => {
    const changes = Array.from({ length: mostChanges + 5 }, (_, n) => restart(n))
    await web.database.db
      .transaction()
      .execute((trx) => web.records.changes.keepIn(trx, demoLocationId, changes))
    const oldest = await read(`/changes?toMs=${startMs + 7}`)
    expect(oldest.items.map(({ atMs }) => atMs - startMs)).toEqual([6, 5])
  })

  it('knows by what a device was and is known, from when to when', async () => {
    const { projections } = web
    await projections.projectView(seen(0, { name: 'till', version: '1.0' }))
    await projections.projectView(seen(1, { name: 'till', version: '1.0', ips: ['192.0.2.30'] }))
    await projections.projectView(seen(2, { name: 'Till 1', version: '1.1', ips: ['192.0.2.30'] }))
    await projections.projectView(seen(3, { name: 'Till 1', version: '1.1', ips: ['192.0.2.21'] }))
    const told = (await read('/devices/dev-pos-1/identity')).items.map(
      (trait: { kind: string; value: string; firstSeenMs: number; lastSeenMs: number | null }) => [
        trait.kind,
        trait.value,
        (trait.firstSeenMs - startMs) / 60_000,
        trait.lastSeenMs === null ? 'now' : (trait.lastSeenMs - startMs) / 60_000,
      ],
    )
    expect(told).toEqual([
      ['name', 'Till 1', 2, 'now'],
      ['ip', '192.0.2.21', 0, 'now'],
      ['mac', '00:0b:4f:11:52:01', 0, 'now'],
      ['version', '1.1', 2, 'now'],
      ['ip', '192.0.2.30', 1, 3],
      ['name', 'till', 0, 2],
      ['version', '1.0', 0, 2],
    ])
    expect((await read('/changes')).items.map(({ change }) => change)).toEqual(
      expect.arrayContaining([
        { type: 'device-renamed', deviceId: 'dev-pos-1', from: 'till', to: 'Till 1' },
        { type: 'device-updated', deviceId: 'dev-pos-1', from: '1.0', to: '1.1' },
      ]),
    )
  })

  it('ends what a device had when it is gone, also where that happened while nobody looked', async () => {
    await web.projections.projectView(seen(0, {}))
    const gone = { ...viewOf(demoLocationId, { lastSeenMs: startMs + 60_000 }), devices: [] }
    // A program that just started has no view before; what is kept tells it.
    const follow = createViewFollower({ changes: web.records.changes, nowMs: () => startMs })
    await web.database.db.transaction().execute((trx) => follow(trx, undefined, gone))
    const { items } = await read('/devices/dev-pos-1/identity')
    expect(items.map(({ lastSeenMs }) => lastSeenMs)).toEqual([startMs + 60_000, startMs + 60_000])
    await web.projections.projectView(seen(2, {}))
    expect((await read('/devices/dev-pos-1/identity')).items).toMatchObject([
      { kind: 'ip', firstSeenMs: startMs },
      { kind: 'mac', firstSeenMs: startMs },
    ])
  })
})
