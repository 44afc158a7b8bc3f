import { expect, it } from 'vitest'
import { type LanInterface, silentLog } from '../ports/index.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import type { WatchContext } from './context.ts'
import { createLinks } from './links.ts'

it('a carrier lost while the interfaces are read is not overwritten by that older reading', async () => {
  const scheduler = createManualScheduler()
  const readings: ((read: LanInterface[]) => void)[] = []
  const own = (hasCarrier: boolean): LanInterface => ({
    ...{ name: 'eth0', hasCarrier, addresses: ['192.0.2.2/24'], gateway: '192.0.2.1' },
  })
  const context = {
    scheduler,
    log: silentLog,
    lan: { interfaces: () => new Promise<LanInterface[]>((resolve) => void readings.push(resolve)) },
    plan: () => ({ networks: ['192.0.2.0/24'] }),
    recall: () => undefined,
    remember: () => undefined,
    observe: () => undefined,
    announce: () => undefined,
  } as unknown as WatchContext
  const links = createLinks(context, [{ id: 'primary', kind: 'primary', interface: 'eth0' }], () =>
    scheduler.nowMs(),
  )
  const started = links.start()
  readings[0]?.([own(true)])
  const stop = await started
  links.changed()
  await scheduler.advance(20)
  // While this reading is under way the cable is pulled.
  links.changed()
  await scheduler.advance(20)
  expect(readings).toHaveLength(2)
  readings[1]?.([own(true)])
  await scheduler.advance(0)
  expect(readings).toHaveLength(3)
  readings[2]?.([own(false)])
  await scheduler.advance(0)
  expect(links.uplinks()[0]?.hasCarrier).toBe(false)
  stop()
})
