import type { PastEvent } from './identity.ts'
import type { Inventory } from './inventory.ts'

/** One thing that happened to a device. */
export interface DeviceEvent extends PastEvent {
  readonly deviceId: string
}

/** What a status can carry. */
const mostEvents = 2_000

/** What happened to the devices that are known, oldest first; of very much the newest. */
export function recentHistory(inventory: Pick<Inventory, 'devices' | 'historyOf'>): readonly DeviceEvent[] {
  return inventory
    .devices()
    .flatMap(({ id }) => inventory.historyOf(id).map((event) => ({ deviceId: id, ...event })))
    .sort((a, b) => a.atMs - b.atMs)
    .slice(-mostEvents)
}
