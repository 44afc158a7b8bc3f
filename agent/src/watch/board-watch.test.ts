import { rowFields } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import type { Board } from '../ports/index.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop } from '../testing/paper-shop.ts'

describe('the appliance’s board', () => {
  it('is in the telemetry at the start, when a fault comes or goes, and every ten minutes', async () => {
    const scheduler = createManualScheduler()
    const world = createPaperShop(scheduler, [])
    let board: Board = {
      temperatureC: 61,
      power: { isNow: [], hasBeen: [] },
      card: { name: 'mmcblk0', writtenBytes: 1_000, lifeUsedRatio: 0.3 },
      links: [
        { name: 'eth0', speedMbit: 100, isFullDuplex: false },
        { name: 'eth1', speedMbit: 1_000, isFullDuplex: true },
      ],
    }
    Object.assign(world.deps.health, { readBoard: () => board })
    const agent = createAgent(world.deps)
    await agent.start()
    const rows = () =>
      world.sent.flatMap((one) => (one.kind === 'telemetry' ? (one.message.rows.board ?? []) : []))
    const named = () => {
      const row = rows().at(-1) ?? []
      return Object.fromEntries(rowFields.board.map((name, index) => [name, row[index + 1]]))
    }
    await scheduler.advance(35_000)
    expect(named()).toEqual({
      ...{ isUnderVoltage: 0, isFrequencyCapped: 0, isThrottled: 0, isTooHot: 0, hadPowerFault: 0 },
      ...{ cardWrittenBytes: 1_000, cardLifeUsedRatio: 0.3 },
      ...{ linkMbit: 100, isHalfDuplex: 1, isClockSynced: 1 },
    })
    await scheduler.advance(300_000)
    expect(rows()).toHaveLength(1)
    board = { ...board, power: { isNow: ['throttled'], hasBeen: ['throttled'] } }
    await scheduler.advance(91_000)
    expect(named()).toMatchObject({ isThrottled: 1, hadPowerFault: 1 })
    await scheduler.advance(600_000)
    expect(rows()).toHaveLength(3)
    await agent.stop('shutdown')
  })
})
