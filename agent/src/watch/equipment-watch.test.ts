import { rowFields } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import { equipmentOids } from '../core/equipment.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop } from '../testing/paper-shop.ts'

const printer = 'mac-0026ab7e8801'

/** A shop with a printer that says by SNMP what it is told to, and whose port 9100 is open or not. */
async function shop() {
  const scheduler = createManualScheduler()
  const host = (ip: string, mac: string) => ({ ip, mac, answersIcmp: true, answersArp: true })
  const world = createPaperShop(
    scheduler,
    [host('192.0.2.1', '18:fd:74:5a:10:01'), host('192.0.2.41', '00:26:ab:7e:88:01')],
    { devices: [{ deviceId: printer, role: 'printer', servicePort: 9_100 }] },
  )
  const state = { errorState: '00', isOpen: true }
  const asked = new Set<string>()
  Object.assign(world.deps, { snmpCommunity: 'public' })
  Object.assign(world.deps.snmp, {
    get: (ip: string, oids: string[]) => {
      if (!oids.includes(equipmentOids.printer.errorState)) return Promise.resolve({ kind: 'timeout' })
      asked.add(ip)
      const values = new Map([[equipmentOids.printer.errorState, state.errorState]])
      return Promise.resolve({ kind: 'values', values })
    },
  })
  const tried: string[] = []
  Object.assign(world.deps.connector, {
    connect: (ip: string, port: number) => {
      tried.push(`${ip}:${port}`)
      return Promise.resolve(
        state.isOpen
          ? { kind: 'connected', tookMs: 1 }
          : { kind: 'refused', tookMs: 1, detail: 'ECONNREFUSED' },
      )
    },
  })
  const agent = createAgent(world.deps)
  await agent.start()
  const faults = () =>
    world.changes().flatMap((change) => (change.type === 'equipment-changed' ? [change.faults] : []))
  return { agent, scheduler, world, state, asked, tried, faults }
}

describe('managed equipment', () => {
  it('is told when it ails and when it is well again, each after two readings', async () => {
    const { scheduler, state, asked, faults } = await shop()
    await scheduler.advance(300_000)
    expect(asked).toEqual(new Set(['192.0.2.41']))
    expect(faults()).toEqual([])
    state.errorState = '4000'
    await scheduler.advance(61_000)
    expect(faults()).toEqual([])
    await scheduler.advance(61_000)
    expect(faults()).toEqual([['no paper']])
    state.errorState = '00'
    await scheduler.advance(125_000)
    expect(faults()).toEqual([['no paper'], []])
  })
})

describe('a service port that a person named', () => {
  it('is tried once every five minutes, and counted in the telemetry', async () => {
    const { scheduler, world, state, tried } = await shop()
    await scheduler.advance(25_000)
    expect(tried).toEqual(['192.0.2.41:9100'])
    state.isOpen = false
    await scheduler.advance(640_000)
    expect(tried).toHaveLength(3)
    const column = rowFields.device.indexOf('serviceOkRatio') + 1
    const told = world.sent.flatMap(({ kind, message }) =>
      kind === 'telemetry' ? (message.rows.device ?? []).map((row) => row[column]) : [],
    )
    expect(told.filter((value) => value === 1)).toHaveLength(1)
    expect(told.filter((value) => value === 0)).toHaveLength(2)
  })
})
