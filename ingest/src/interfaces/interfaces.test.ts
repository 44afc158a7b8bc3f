import type { DeviceInterface } from '@proactive/shared'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demoLocationId, demoPeople, startWeb, type WebUnderTest } from '../api/web-under-test.ts'
import type { Point } from '../metrics/metric-store.ts'

const atMs = 1_700_000_000_000
const port = (index: number, name: string): DeviceInterface => ({
  alias: index + 10,
  id: `dev-switch_if${index}`,
  deviceId: 'dev-switch',
  index,
  name,
})
const reading: Point = {
  family: 'interface',
  locationId: demoLocationId,
  subjectId: 'dev-switch_if2',
  kind: 'interface',
  atMs,
  fields: new Map([
    ['operUp', 1],
    ['speedMbps', 100],
    ['fullDuplex', 0],
    ['rxBitsPerSecond', 2_000_000],
    ['rxErrors', 3],
  ]),
}

describe('interfaces of a switch', () => {
  let web: WebUnderTest
  let isStoreThere = true
  let list: () => Promise<{ items: object[] }>
  beforeEach(async () => {
    isStoreThere = true
    const telemetry = {
      latest: async () => (isStoreThere ? [reading] : Promise.reject(new Error('away'))),
      series: async () => Promise.reject(new Error('not asked')),
    }
    web = await startWeb({ telemetry })
    const nils = await web.browserOf(demoPeople.networkAgent)
    const url = `/api/locations/${demoLocationId}/devices/dev-switch/interfaces`
    list = async () => (await nils.request({ url })).json()
  })
  afterEach(() => web.stop())

  it('stand in its own order with their newest readings, and without them where the store is away', async () => {
    expect(await list()).toEqual({ items: [] })
    await web.records.interfaces.keep(
      demoLocationId,
      [{ ...port(10, 'ge-0/0/10'), note: 'Uplink' }, port(2, 'ge-0/0/2')],
      atMs,
    )
    const silent = { isUp: null, speedMbps: null, isFullDuplex: null, rxBitsPerSecond: null, atMs: null }
    expect((await list()).items).toMatchObject([
      { index: 2, isUp: true, speedMbps: 100, isFullDuplex: false, rxErrors: 3, txErrors: null, atMs },
      { index: 10, name: 'ge-0/0/10', note: 'Uplink', ...silent },
    ])
    isStoreThere = false
    expect((await list()).items).toMatchObject([{ index: 2, ...silent }, { index: 10 }])
    expect(web.failures).toHaveLength(1)
  })

  it('are those of the newest list: what it lacks is gone, and an older list changes nothing', async () => {
    const { interfaces } = web.records
    await interfaces.keep(demoLocationId, [port(1, 'a'), port(2, 'b')], atMs)
    await interfaces.keep(demoLocationId, [port(2, 'c')], atMs + 1)
    await interfaces.keep(demoLocationId, [port(1, 'a'), port(2, 'b')], atMs)
    expect((await list()).items).toMatchObject([{ index: 2, name: 'c' }])
  })
})

describe('what is usual at a Location', () => {
  let web: WebUnderTest
  beforeEach(async () => {
    web = await startWeb()
  })
  afterEach(() => web.stop())

  it('is what was told last, and nothing before', async () => {
    const { usual } = web.records
    const nils = await web.browserOf(demoPeople.networkAgent)
    const read = async () => (await nils.request({ url: `/api/locations/${demoLocationId}/usual` })).json()
    expect(await read()).toEqual({ items: [], atMs: null })
    const path = { kind: 'line', subject: 'primary', lowMs: 18.2, highMs: 24 } as const
    await usual.keep({ locationId: demoLocationId, atMs, paths: [path] })
    await usual.keep({ locationId: demoLocationId, atMs: atMs - 1, paths: [{ ...path, highMs: 99 }] })
    expect(await read()).toEqual({ items: [path], atMs })
  })
})
