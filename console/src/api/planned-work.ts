import {
  type CreateMaintenance,
  type CreateSilence,
  type LocationHours,
  locationHoursSchema,
  maintenanceListSchema,
  maintenanceWindowSchema,
  silenceListSchema,
  silenceSchema,
} from '@proactive/shared/http'
import { request } from './client.ts'

const of = (id: string, rest: string) => `/api/locations/${id}/${rest}`

/** When a Location is open, when work on it is planned, and what shall be quiet. */
export const plannedWork = {
  putHours: (id: string, body: LocationHours) => request(locationHoursSchema, 'PUT', of(id, 'hours'), body),
  windows: (id: string) => request(maintenanceListSchema, 'GET', of(id, 'maintenance')),
  plan: (id: string, body: CreateMaintenance) =>
    request(maintenanceWindowSchema, 'POST', of(id, 'maintenance'), body),
  endWindow: (id: string, windowId: string) =>
    request(maintenanceWindowSchema, 'POST', of(id, `maintenance/${windowId}/end`), {}),
  silences: (id: string) => request(silenceListSchema, 'GET', of(id, 'silences')),
  silence: (id: string, body: CreateSilence) => request(silenceSchema, 'POST', of(id, 'silences'), body),
  endSilence: (id: string, silenceId: string) =>
    request(silenceSchema, 'POST', of(id, `silences/${silenceId}/end`), {}),
}
