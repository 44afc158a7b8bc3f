import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import type { DhcpHeard } from '../ports/index.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { createPaperShop, type PaperHost } from '../testing/paper-shop.ts'

const hex = (n: number) => n.toString(16).padStart(2, '0')
const hosts = Array.from(
  { length: 40 },
  (_, n): PaperHost => ({
    ...{ ip: `192.0.2.${n + 20}`, mac: `00:0b:4f:00:00:${hex(n)}` },
    ...{ answersIcmp: true, answersArp: true },
  }),
)

describe('somebody on the LAN who is somebody else all the time', () => {
  it('costs a birth each ten seconds and few writes of the inventory; a new device is told at once all the same', async () => {
    const scheduler = createManualScheduler()
    const world = createPaperShop(scheduler, [...hosts])
    let speak: ((heard: DhcpHeard) => void) | undefined
    let saves = 0
    const { commit } = world.deps.spool
    const agent = createAgent({
      ...world.deps,
      spool: {
        ...world.deps.spool,
        commit(change) {
          if (change.facts?.has('inventory')) saves++
          return commit(change)
        },
      },
      dhcp: {
        listen(listener) {
          speak = listener
          return Promise.resolve(() => undefined)
        },
      },
    })
    await agent.start()
    await scheduler.advance(30_000)
    const births = () => world.sent.filter(({ kind }) => kind === 'birth').length
    const before = births()
    saves = 0
    const mac = '00:0b:4f:00:00:05'
    for (let n = 0; n < 3_000; n++) {
      speak?.({ mac, messageType: 'request', hostname: `box-${n}` })
      await scheduler.advance(200)
    }
    expect(births() - before).toBeGreaterThan(60)
    expect(births() - before).toBeLessThan(150)
    expect(saves).toBeGreaterThan(5)
    expect(saves).toBeLessThan(40)
    // Its rows wait for no turn of the births.
    const newcomer = { ip: '192.0.2.200', mac: '00:0b:4f:99:00:01', answersIcmp: true, answersArp: true }
    world.hosts.push(newcomer)
    world.answer([newcomer.ip])
    await scheduler.advance(31_000)
    const alias = agent.status().devices.find(({ ips }) => ips.includes(newcomer.ip))?.alias
    const rows = world.sent.flatMap((one) =>
      one.kind === 'telemetry' ? (one.message.rows.device ?? []) : [],
    )
    expect(alias).toBeDefined()
    expect(rows.some(([of]) => of === alias)).toBe(true)
    await agent.stop('shutdown')
  })
})
