import type { MaintenanceWindow, Silence } from '@proactive/shared/http'
import { plannedWork } from '../api/planned-work.ts'

/** Planned work and silences of one Location, as the server last told them. */
export interface Work {
  readonly windows: readonly MaintenanceWindow[]
  readonly silences: readonly Silence[]
  /** @throws ApiError */
  load(): Promise<void>
}

export function createWork(locationId: string): Work {
  let windows = $state.raw<readonly MaintenanceWindow[]>([])
  let silences = $state.raw<readonly Silence[]>([])
  return {
    get windows() {
      return windows
    },
    get silences() {
      return silences
    },
    async load() {
      const [windowList, silenceList] = await Promise.all([
        plannedWork.windows(locationId),
        plannedWork.silences(locationId),
      ])
      windows = windowList.items
      silences = silenceList.items
    },
  }
}
