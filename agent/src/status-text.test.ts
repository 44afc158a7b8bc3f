import { describe, expect, it } from 'vitest'
import { createAgent } from './agent.ts'
import { recentHistory } from './core/recent-history.ts'
import { statusText } from './status-text.ts'
import { createManualScheduler } from './testing/manual-scheduler.ts'
import { createPaperShop } from './testing/paper-shop.ts'
import { createTestInventory } from './testing/test-inventory.ts'

const mac = '00:0b:4f:11:52:01'
const deviceId = 'mac-000b4f115201'

describe('the status for people', () => {
  it('tells what happened to devices, with before and after, and lets no name turn the line around', async () => {
    const { inventory, saw, pass } = createTestInventory()
    inventory.override([{ deviceId, name: 'Bar\u202e' }])
    saw('192.0.2.21', mac)
    pass(60_000)
    saw('192.0.2.77', mac)
    const world = createPaperShop(createManualScheduler(), [])
    const agent = createAgent(world.deps)
    expect(statusText(agent.status())).not.toContain('What happened')
    const history = recentHistory(inventory)
    expect(history).toMatchObject([
      { deviceId, kind: 'seen-first' },
      { deviceId, kind: 'address-changed', before: '192.0.2.21', after: '192.0.2.77', atMs: 60_000 },
    ])
    const status = { ...agent.status(), devices: inventory.devices(), history }
    expect(statusText(status).split('\n').slice(-2)).toEqual([
      'What happened to devices lately (UTC):',
      '1970-01-01 00:01  Bar? (192.0.2.77)  address changed  192.0.2.21 → 192.0.2.77',
    ])
    const ailments = [{ deviceId, aspect: 'printer', faults: ['no paper'], sinceMs: 0 }] as const
    expect(statusText({ ...status, ailments })).toContain(
      '\nBar? (192.0.2.77): no paper since 1970-01-01 00:00.\n',
    )
  })

  it('of the running agent carries the history of what it found', async () => {
    const scheduler = createManualScheduler()
    const host = { ip: '192.0.2.21', mac, answersIcmp: false, answersArp: true }
    const agent = createAgent(createPaperShop(scheduler, [host]).deps)
    await agent.start()
    await scheduler.advance(20_000)
    expect(agent.status().history).toMatchObject([{ deviceId, kind: 'seen-first', after: '192.0.2.21' }])
    await agent.stop('shutdown')
  })
})
