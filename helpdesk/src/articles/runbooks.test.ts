import { faultClasses } from '@proactive/shared'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDesk, type Desk, stranger } from '../api/desk-fixture.ts'
import { runbooksFolder, seedRunbooks } from './runbooks.ts'

let desk: Desk
beforeEach(async () => {
  desk = await createDesk()
})
afterEach(() => desk.stop())

describe('the seeded articles', () => {
  it('are one a fault class, each with its checklist, for everybody', async () => {
    expect(await seedRunbooks(desk.db, runbooksFolder, desk.nowMs())).toBe(faultClasses.length)
    for (const faultClass of faultClasses) {
      const { body } = await desk.call(stranger, 'GET', `/api/articles?faultClass=${faultClass}`)
      const [article] = body.items as { id: string; checklist: string[] }[]
      expect([faultClass, article?.id]).toEqual([faultClass, `runbook-${faultClass}`])
      expect(article?.checklist.length).toBeGreaterThanOrEqual(2)
    }
  })

  it('keep their version over a restart and cannot be changed by an Organization', async () => {
    await seedRunbooks(desk.db, runbooksFolder, desk.nowMs())
    await seedRunbooks(desk.db, runbooksFolder, desk.nowMs())
    const path = '/api/articles/runbook-router-down'
    expect((await desk.call(stranger, 'GET', path)).body.version).toBe(1)
    const change = { title: 'x', body: 'x', sharing: 'everybody' }
    expect((await desk.call(stranger, 'PUT', path, change)).status).toBe(403)
  })
})
