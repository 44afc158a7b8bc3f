import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Browser, demoLocationId, demoPeople, startWeb, type WebUnderTest } from './web-under-test.ts'

const url = `/api/locations/${demoLocationId}`
const minutes = 60_000

describe('hours and planned work of a Location', () => {
  let web: WebUnderTest
  let technician: Browser
  const config = () => web.directory.configs.get(demoLocationId)
  const post = async (path: string, payload: object = {}) => {
    const response = await technician.request({ method: 'POST', url: `${url}/${path}`, payload })
    return { status: response.statusCode, body: response.json() }
  }
  const items = async (path: string) => (await technician.request({ url: `${url}/${path}` })).json().items

  beforeEach(async () => {
    web = await startWeb()
    technician = await web.browserOf(demoPeople.technician)
  })
  afterEach(() => web.stop())

  it('hours and holidays are set by a technician, reach the fault core, and stand in the Location', async () => {
    const hours = {
      timeZone: 'Europe/Berlin',
      calendar: { openings: [{ weekday: 1, from: '08:00', to: '18:00' }], holidays: ['2026-12-25'] },
    }
    const response = await technician.request({ method: 'PUT', url: `${url}/hours`, payload: hours })
    expect(response.statusCode).toBe(200)
    expect((await technician.request({ url: `${url}/hours` })).json()).toEqual(hours)
    expect((await technician.request({ url })).json().calendar).toEqual(hours.calendar)
    expect(await config()).toMatchObject(hours)
    const wrong = { ...hours, timeZone: 'Mars/Olympus' }
    const refused = await technician.request({ method: 'PUT', url: `${url}/hours`, payload: wrong })
    expect([refused.statusCode, refused.json().detail]).toEqual([
      409,
      '"Mars/Olympus" is no time zone: use an IANA name such as Europe/Berlin.',
    ])
  })

  it('planned work is listed, counts while it goes on, reaches the fault core, and ends for good', async () => {
    const now = web.clock.nowMs
    const once = { kind: 'once', fromMs: now, toMs: now + 60 * minutes }
    const { status, body } = await post('maintenance', {
      schedule: once,
      note: 'new switch',
      deviceId: 'dev-pos-1',
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({ isActive: true, activeToMs: now + 60 * minutes, deviceId: 'dev-pos-1' })
    await post('maintenance', { schedule: { kind: 'cron', expression: '0 3 * * 1', lastsMinutes: 30 } })
    await post('maintenance', {
      schedule: { kind: 'weekly', weekdays: [7], from: '23:00', lastsMinutes: 120 },
    })
    expect(await items('maintenance')).toHaveLength(3)
    expect((await config())?.maintenance).toHaveLength(3)
    const ended = await post(`maintenance/${body.id}/end`)
    expect(ended.body).toMatchObject({ id: body.id, isActive: false, endedAtMs: now })
    expect((await post(`maintenance/${body.id}/end`)).status).toBe(200)
    expect((await config())?.maintenance).toHaveLength(2)
    expect(await items('maintenance')).toHaveLength(3)
    web.clock.nowMs += 31 * 24 * 60 * minutes
    technician = await web.browserOf(demoPeople.technician)
    expect(await items('maintenance')).toHaveLength(2)
  })

  it('what was over 400 days ago is taken away when something new is planned; what repeats stays', async () => {
    const now = web.clock.nowMs
    await post('maintenance', { schedule: { kind: 'once', fromMs: now, toMs: now + minutes } })
    await post('maintenance', { schedule: { kind: 'cron', expression: '0 3 * * 1', lastsMinutes: 30 } })
    await post('silences', { untilMs: now + minutes, note: 'old' })
    web.clock.nowMs += 401 * 24 * 60 * minutes
    technician = await web.browserOf(demoPeople.technician)
    await post('silences', { untilMs: web.clock.nowMs + minutes, note: 'new' })
    await post('maintenance', {
      schedule: { kind: 'once', fromMs: web.clock.nowMs, toMs: web.clock.nowMs + minutes },
    })
    const { db } = web.database
    expect(await db.selectFrom('maintenance_windows').select('id').execute()).toHaveLength(2)
    expect(await db.selectFrom('silences').select('note').execute()).toEqual([{ note: 'new' }])
  })

  it('a silence has an end, may name a device and a cause, and can be ended early', async () => {
    const untilMs = web.clock.nowMs + 60 * minutes
    const { status, body } = await post('silences', { untilMs, faultClass: 'pos-down', note: 'on repair' })
    expect(status).toBe(201)
    expect(body).toMatchObject({ isActive: true, faultClass: 'pos-down' })
    expect((await config())?.silences).toMatchObject([{ faultClass: 'pos-down', untilMs }])
    expect((await post(`silences/${body.id}/end`)).body).toMatchObject({ isActive: false })
    expect((await config())?.silences).toBeUndefined()
  })

  it('what cannot be is refused with a sentence', async () => {
    const now = web.clock.nowMs
    expect(await post('silences', { untilMs: now - 1 })).toMatchObject({
      status: 409,
      body: { detail: 'A silence ends in the future, within 31 days.' },
    })
    const past = { schedule: { kind: 'once', fromMs: now - 2 * minutes, toMs: now - minutes } }
    expect((await post('maintenance', past)).status).toBe(409)
    const cron = { schedule: { kind: 'cron', expression: 'every night', lastsMinutes: 30 } }
    expect(await post('maintenance', cron)).toMatchObject({ status: 400, body: { code: 'invalid-request' } })
    expect((await post('silences/quiet-nowhere/end')).status).toBe(404)
    expect((await post('maintenance/work-nowhere/end')).status).toBe(404)
    for (let n = 0; n < 16; n += 1) await post('silences', { untilMs: now + minutes })
    expect(await post('silences', { untilMs: now + minutes })).toMatchObject({
      status: 409,
      body: { detail: 'A Location has at most 16 of these: end one first.' },
    })
  })

  it('who did it stands in the audit trail', async () => {
    const { body } = await post('silences', { untilMs: web.clock.nowMs + minutes })
    await post(`silences/${body.id}/end`)
    const rows = await web.database.db
      .selectFrom('audit_entries')
      .select(['actor', 'detail'])
      .where('subject', '=', body.id)
      .orderBy('at_ms')
      .execute()
    expect(rows.map(({ detail }) => detail).sort()).toEqual([
      'POST /api/locations/:id/silences',
      'POST /api/locations/:id/silences/:silenceId/end',
    ])
    expect(rows[0]?.actor).toBe(technician.session.user.id)
  })
})
