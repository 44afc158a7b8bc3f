import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop } from '../testing/paper-shop.ts'

const router = '192.0.2.1'
const addressInterface = '1.3.6.1.2.1.4.20.1.2'

/** A shop whose router has its WAN address on the interface that the case says; guests are on 9, outside of what is watched. */
async function shop() {
  const scheduler = createManualScheduler()
  const world = createPaperShop(scheduler, [
    { ip: router, mac: '18:fd:74:5a:10:01', answersIcmp: true, answersArp: true },
  ])
  const state = { wanIndex: 5, startedAtMono: -3_600_000, walks: 0 }
  Object.assign(world.deps, { snmpCommunity: 'public' })
  Object.assign(world.deps.snmp, {
    get: (_ip: string, oids: string[]) => {
      const upMs = scheduler.monotonicMs() - state.startedAtMono
      const values = oids.flatMap((oid): [string, number][] => {
        if (oid === '1.3.6.1.2.1.1.3.0') return [[oid, Math.floor(upMs / 10)]]
        if (!oid.endsWith(`.${state.wanIndex}`)) return []
        return [[oid, oid.startsWith('1.3.6.1.2.1.2.2.1.8.') ? 1 : Math.floor(upMs)]]
      })
      return Promise.resolve({ kind: 'values', values: new Map(values) })
    },
    walk: (_ip: string, oid: string) => {
      if (oid !== addressInterface) return Promise.resolve({ kind: 'values', values: new Map() })
      state.walks++
      const values = [
        [`${oid}.192.0.2.1`, 2],
        ...(world.state.doesInternetAnswer
          ? [[`${oid}.203.0.113.2`, state.wanIndex]]
          : [[`${oid}.10.9.0.1`, 9]]),
      ] as [string, number][]
      return Promise.resolve({ kind: 'values', values: new Map(values) })
    },
  })
  const agent = createAgent(world.deps)
  await agent.start()
  await scheduler.advance(60_000)
  /** Whether the WAN interface is up by the newest row: 1, or null where nothing is known of it. */
  const wanUp = () =>
    world.sent.flatMap((one) => (one.kind === 'telemetry' ? (one.message.rows.snmp ?? []) : [])).at(-1)?.[2]
  return { scheduler, world, state, wanUp }
}

describe('the router’s WAN interface', () => {
  it('is found again where the router numbers its interfaces anew', async () => {
    const { scheduler, state, wanUp } = await shop()
    expect(wanUp()).toBe(1)
    state.wanIndex = 12
    state.startedAtMono = scheduler.monotonicMs()
    await scheduler.advance(120_000)
    expect(wanUp()).toBe(1)
  })

  it('is found again where PPP dialled, without a restart', async () => {
    const { scheduler, state, wanUp } = await shop()
    state.wanIndex = 12
    await scheduler.advance(120_000)
    expect(wanUp()).toBe(1)
  })

  it('is not sought while the internet is down, nor again and again', async () => {
    const { scheduler, world, state, wanUp } = await shop()
    const walks = state.walks
    await scheduler.advance(600_000)
    expect(state.walks).toBe(walks)
    world.state.doesInternetAnswer = false
    state.wanIndex = 12
    await scheduler.advance(300_000)
    expect(wanUp()).toBeNull()
    expect(state.walks).toBe(walks)
    world.state.doesInternetAnswer = true
    await scheduler.advance(180_000)
    expect(wanUp()).toBe(1)
    expect(state.walks).toBe(walks + 1)
  })
})
