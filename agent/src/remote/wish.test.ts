import { agentConfigSchema, type Desired } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import { createMemorySpool } from '../adapters/memory-spool.ts'
import { type Spool, silentLog } from '../ports/index.ts'
import { createManualScheduler, type ManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop } from '../testing/paper-shop.ts'
import { createWish } from './wish.ts'

const desired = (version: number, more: object = {}): Desired => {
  const lists = { networks: [], payPaths: [], internetTargets: [], dnsNames: [], devices: [] }
  return {
    v: 1,
    version,
    config: agentConfigSchema.parse({ telemetrySeconds: 30 + version, ...lists, ...more }),
  }
}

/** One run of the agent; `dies` ends it in the middle of putting that one in force, as a crash of the process does. */
function run(spool: Spool, scheduler: ManualScheduler, dies?: number, agentVersion = '1.0.0') {
  const applied: number[] = []
  const wish = createWish({
    ...{ scheduler, agentVersion, log: silentLog, fact: spool.fact, flush: () => undefined },
    remember: (key, value) => void spool.commit({ facts: new Map([[key, value]]) }),
    apply(config) {
      applied.push(config === undefined ? 0 : config.telemetrySeconds - 30)
      if (applied.at(-1) === dies) throw new Dead()
    },
  })
  return { wish, applied }
}
class Dead extends Error {}

describe('a wanted configuration', () => {
  it('that fails while it is applied is refused with its reason; the last good one is applied again, also by the next run', async () => {
    const [spool, scheduler] = [createMemorySpool(), createManualScheduler()]
    const { wish, applied } = run(spool, scheduler, 2)
    wish.start()
    wish.take(desired(1))
    await scheduler.advance(61_000)
    wish.take(desired(2))
    wish.take(desired(2))
    expect(applied).toEqual([0, 1, 2, 1])
    expect(wish.current()?.version).toBe(1)
    expect(wish.refused()).toMatchObject([{ path: 'config', reason: expect.stringMatching(/^version 2: /) }])
    const next = run(spool, createManualScheduler(), 2)
    next.wish.start()
    expect(next.applied).toEqual([1])
    next.wish.take(desired(3))
    expect(next.wish.refused()).toEqual([])
  })

  it('that ended three runs within a minute is not tried by a fourth; another version of the agent tries it', async () => {
    const spool = createMemorySpool()
    const first = run(spool, createManualScheduler())
    first.wish.start()
    first.wish.take(desired(1))
    first.wish.stop()
    const applied: number[][] = []
    for (let start = 0; start < 5; start++) {
      const each = run(spool, createManualScheduler())
      each.wish.start()
      each.wish.take(desired(2))
      applied.push(each.applied)
      // Nobody says goodbye: the process is gone.
    }
    expect(applied.map((one) => one.includes(2))).toEqual([true, true, true, false, false])
    const refusing = run(spool, createManualScheduler())
    refusing.wish.start()
    expect(refusing.wish.current()?.version).toBe(1)
    expect(refusing.wish.refused()[0]?.reason).toContain('ended 3 times')
    const updated = run(spool, createManualScheduler(), undefined, '1.0.1')
    updated.wish.start()
    expect(updated.wish.current()?.version).toBe(2)
  })

  it('is told as refused by the running agent, which goes on with what was in force before', async () => {
    const scheduler = createManualScheduler()
    const world = createPaperShop(scheduler, [])
    const openSealed = () => {
      throw new Error('this cannot be opened')
    }
    const agent = createAgent({ ...world.deps, openSealed })
    await agent.start()
    await scheduler.advance(5_000)
    world.send('desired', desired(1))
    await scheduler.advance(1_000)
    world.send('desired', desired(2, { sealedSnmpCommunity: 'c2VhbGVk'.repeat(20) }))
    await scheduler.advance(1_000)
    const reports = world.sent.flatMap((one) => (one.kind === 'reported' ? [one.message] : []))
    expect(reports.map(({ version }) => version)).toEqual([1, 1])
    expect(reports[1]?.refused).toEqual([{ path: 'config', reason: 'version 2: this cannot be opened' }])
    expect(reports[1]?.config.telemetrySeconds).toBe(31)
    await scheduler.advance(31_000)
    expect(world.sent.some(({ kind }) => kind === 'telemetry')).toBe(true)
    await agent.stop('shutdown')
  })
})
