import type { LocationSummary } from '@proactive/shared/http'
import { api } from '../api/endpoints.ts'

let byId = $state.raw<ReadonlyMap<string, LocationSummary>>(new Map())
/** Of when the newest measurements of a Location are. Not reactive: ages are told anew each second anyway. */
const heardMs = new Map<string, number>()
let asked: Promise<void> | undefined
let isLocationTime = $state(readChoice())

function readChoice(): boolean {
  try {
    return localStorage.getItem('times') !== 'browser'
  } catch {
    return true
  }
}

const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone

/** The Locations this User knows of, and in which zone their times are told. */
export const places = {
  get all(): readonly LocationSummary[] {
    return [...byId.values()]
  },
  /** Asks once; a failure is tried again with the next call. */
  load(): Promise<void> {
    asked ??= api.locations().then(
      ({ items }) => places.keep(items),
      () => {
        asked = undefined
      },
    )
    return asked
  },
  keep(items: readonly LocationSummary[]): void {
    byId = new Map(items.map((item) => [item.id, item]))
  },
  /** Another User sees other Locations. */
  forget(): void {
    byId = new Map()
    heardMs.clear()
    asked = undefined
  },
  /** Measurements of then are in the store: taken long ago, where the store was away. A clock that is ahead of this browser's makes none younger than now. */
  hear: (id: string, atMs: number): void =>
    void heardMs.set(id, Math.max(Math.min(atMs, Date.now()), heardMs.get(id) ?? 0)),
  /** When its appliance was heard last; null = never. */
  lastSeenMs: ({ id, lastSeenMs }: Pick<LocationSummary, 'id' | 'lastSeenMs'>): number | null => {
    const heard = heardMs.get(id)
    return heard === undefined ? lastSeenMs : Math.max(heard, lastSeenMs ?? 0)
  },
  find: (id: string): LocationSummary | undefined => byId.get(id),
  /** The zone in which times of this Location are shown: its own, or the browser's where the User chose so or it is not known. */
  zoneOf(id: string): string {
    return isLocationTime ? (byId.get(id)?.timeZone ?? browserZone) : browserZone
  },
  shownZone: (zone: string): string => (isLocationTime ? zone : browserZone),
  get isLocationTime() {
    return isLocationTime
  },
  chooseTimes(isLocation: boolean): void {
    isLocationTime = isLocation
    try {
      localStorage.setItem('times', isLocation ? 'location' : 'browser')
    } catch {
      // A browser without storage asks again next time.
    }
  },
}
