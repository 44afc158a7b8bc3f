import type { LocationSummary } from '@proactive/shared/http'
import type { LocationView } from '../faults/model.ts'

/** What the overview shows of a view. */
export type ViewSummary = Pick<
  LocationSummary,
  'verdict' | 'payability' | 'isOnline' | 'lastSeenMs' | 'deviceCount' | 'applianceId' | 'agentVersion'
>

/** The part of a view that the overview shows. */
export function summaryOf(view: LocationView): ViewSummary {
  return {
    verdict: { sentence: view.sentence, health: view.health, sinceMs: view.sinceMs },
    payability: view.payability,
    isOnline: view.isOnline,
    lastSeenMs: view.lastSeenMs,
    deviceCount: view.devices.length,
    applianceId: view.applianceId,
    agentVersion: view.agentVersion,
  }
}

/** Before the first view. */
export const unseen: ViewSummary = {
  verdict: { sentence: 'No appliance has reported from here yet.', health: 'unknown', sinceMs: null },
  payability: 'unknown',
  isOnline: false,
  lastSeenMs: null,
  deviceCount: 0,
}

/** What our own projector wrote; its types held when it was made. */
export function parseView(text: string): LocationView {
  return JSON.parse(text)
}

/** As {@link parseView}, for the summary. */
export function parseSummary(text: string): ViewSummary {
  return JSON.parse(text)
}
