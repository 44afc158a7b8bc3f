import type { DeviceEvidence } from '@proactive/shared'
import { createInventory, type InventoryDeps, type Sighting } from '../core/inventory.ts'

/** An inventory with a clock of its own; `present` are the devices that answer whoever watches them. */
export function createTestInventory(more: Partial<InventoryDeps> = {}, saved?: string) {
  const time = { mono: 0 }
  const present = new Set<string>()
  const retired: number[] = []
  let alias = 0
  const inventory = createInventory(
    {
      nextAlias: () => ++alias,
      retireAlias: (one) => retired.push(one),
      nowMono: () => time.mono,
      isPresent: (id) => present.has(id),
      ...more,
    },
    saved,
  )
  return {
    inventory,
    present,
    retired,
    pass: (ms: number) => {
      time.mono += ms
    },
    saw: (ip: string, mac: string, isStillUsed = false) =>
      inventory.saw(ip, mac, time.mono, () => isStillUsed),
    learn: (mac: string, key: string, value: string, source: DeviceEvidence['source'] = 'dhcp') =>
      inventory.learn(mac, { source, key, value }),
    reconcile: (isAll = false) => inventory.reconcile(time.mono, isAll),
  }
}
export const kinds = (sightings: readonly Sighting[]) => sightings.map(({ kind }) => kind)
export const idOf = (sighting: Sighting) => ('device' in sighting ? sighting.device.id : undefined)
