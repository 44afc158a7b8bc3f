import type { DeviceRole } from '@proactive/shared'
import type { Calendar, HealthState, MaintenanceSchedule } from '@proactive/shared/http'

export type { Calendar, HealthState, MaintenanceSchedule }

/** What a technician confirmed about a device, as far as judging it needs it. */
export interface DeviceOverrideFacts {
  readonly role?: DeviceRole
  readonly name?: string
  readonly isSleeper?: boolean
  /** Gone for good: nobody misses it. */
  readonly isRetired?: boolean
}
