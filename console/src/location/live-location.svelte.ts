import type {
  Calendar,
  DeviceState,
  Incident,
  Issue,
  LiveEvent,
  LocationDetail,
} from '@proactive/shared/http'
import { api } from '../api/endpoints.ts'
import { followLive } from '../api/live.ts'
import { sentenceOf } from '../api/sentence.ts'
import { places } from '../session/places.svelte.ts'

/** A Location as it is now: a snapshot, then what the live feed tells. */
export interface LiveLocation {
  readonly detail: LocationDetail | undefined
  readonly issues: readonly Issue[]
  readonly complaint: string
  readonly isLive: boolean
  /** When the newest batch of measurements was stored; 0 before the first. */
  readonly newestMs: number
  /** Shows a device as the server just answered it. */
  keepDevice(state: DeviceState): void
  keepCalendar(calendar: Calendar): void
  close(): void
}

/** Many things may change at once: the page is told at most so often, of what only devices and measurements tell less often. */
const gatherMs = 200
const gatherDevicesMs = 1_000

export function followLocation(id: string): LiveLocation {
  let detail = $state.raw<LocationDetail | undefined>()
  let issues = $state.raw<readonly Issue[]>([])
  let complaint = $state('')
  let isLive = $state(true)
  let newestMs = $state(0)
  let waiting: LiveEvent[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let isTimerUrgent = false

  async function load(): Promise<void> {
    try {
      const [location, page] = await Promise.all([api.location(id), api.issues({ location: id })])
      detail = location
      issues = page.items
      complaint = ''
    } catch (error) {
      complaint = sentenceOf(error)
    }
  }

  function gather(event: LiveEvent): void {
    if (event.type === 'telemetry') places.hear(id, event.atMs)
    waiting.push(event)
    const isUrgent = event.type !== 'device' && event.type !== 'telemetry' && !isQuietLocation(event, detail)
    if (timer !== undefined && (!isUrgent || isTimerUrgent)) return
    clearTimeout(timer)
    isTimerUrgent = isUrgent
    timer = setTimeout(
      () => {
        timer = undefined
        const events = waiting
        waiting = []
        for (const each of events) if (each.type === 'telemetry') newestMs = each.atMs
        for (const each of events)
          if (each.type === 'issue' && each.issue.locationId === id)
            issues = [each.issue, ...issues.filter((issue) => issue.id !== each.issue.id)]
        if (events.some(({ type }) => type === 'resync')) void load()
        else if (detail !== undefined) detail = applyEvents(detail, events)
      },
      isUrgent ? gatherMs : gatherDevicesMs,
    )
  }

  void load()
  const feed = followLive(id, gather, (isConnected) => {
    if (isConnected && !isLive) void load()
    isLive = isConnected
  })
  return {
    get detail() {
      return detail
    },
    get issues() {
      return issues
    },
    get complaint() {
      return complaint
    },
    get isLive() {
      return isLive
    },
    get newestMs() {
      return newestMs
    },
    keepDevice: (state) => {
      if (detail !== undefined) detail = applyEvents(detail, [{ type: 'device', locationId: id, state }])
    },
    keepCalendar: (calendar) => {
      if (detail !== undefined) detail = { ...detail, calendar }
    },
    close: () => {
      clearTimeout(timer)
      feed.close()
    },
  }
}

/** Whether a Location's news are only that it was heard again. */
function isQuietLocation(event: LiveEvent, detail: LocationDetail | undefined): boolean {
  return event.type === 'location' && event.summary.verdict.sentence === detail?.summary.verdict.sentence
}

function applyEvents(detail: LocationDetail, events: readonly LiveEvent[]): LocationDetail {
  let summary = detail.summary
  const devices = new Map(detail.devices.map((state) => [state.device.id, state]))
  const incidents = new Map(detail.incidents.map((incident) => [incident.key, incident]))
  for (const event of events) {
    if (event.type === 'location' && event.summary.id === summary.id) summary = event.summary
    if (event.type === 'device') devices.set(event.state.device.id, event.state)
    if (event.type === 'incident') incidents.set(event.incident.key, event.incident)
  }
  const byNewest = (a: Incident, b: Incident) => b.openedAtMs - a.openedAtMs
  return {
    ...detail,
    summary,
    devices: [...devices.values()],
    incidents: [...incidents.values()].toSorted(byNewest),
  }
}
