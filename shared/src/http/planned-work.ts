import { z } from 'zod'
import { maxCronLength, safeParseCron } from '../domain/cron.ts'
import { deviceIdSchema } from '../domain/device.ts'
import { faultClassSchema } from '../domain/fault.ts'
import { epochMs, shortText, topicToken } from '../domain/text.ts'
import { calendarSchema, timeOfDaySchema } from './directory.ts'

const dayMs = 86_400_000
/** Longest stretch of work that is planned once; what lasts longer is no maintenance. */
const longestOnceMs = 31 * dayMs
const lastsMinutes = z.int().min(5).max(1_440)

/** When planned work goes on, on the Location's own clock. */
export const maintenanceScheduleSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('once'), fromMs: epochMs, toMs: epochMs })
    .refine(({ fromMs, toMs }) => toMs > fromMs && toMs - fromMs <= longestOnceMs, {
      message: 'toMs must lie behind fromMs, by at most 31 days',
      path: ['toMs'],
    }),
  /** `weekdays` 1 = Monday … 7 = Sunday; may reach past midnight. */
  z.strictObject({
    kind: z.literal('weekly'),
    weekdays: z.array(z.int().min(1).max(7)).min(1).max(7),
    from: timeOfDaySchema.refine((time) => time !== '24:00', { message: 'use 00:00 of the next day' }),
    lastsMinutes,
  }),
  /** `minute hour day-of-month month day-of-week`, POSIX crontab without names: each match begins a window. */
  z.strictObject({
    kind: z.literal('cron'),
    expression: z
      .string()
      .max(maxCronLength)
      .refine((text) => safeParseCron(text) !== undefined, {
        message: 'not five fields of a crontab, such as "30 2 * * 1-5"',
      }),
    lastsMinutes,
  }),
])
export type MaintenanceSchedule = z.infer<typeof maintenanceScheduleSchema>

/** Why, in words that others at the Location's desk understand. */
const note = shortText(200)

/** `POST /api/locations/:id/maintenance` (technician): faults of this time are recorded and shown, and open no Issue; one that outlasts it does. */
export const createMaintenanceSchema = z.strictObject({
  /** Absent = the whole Location. */
  deviceId: deviceIdSchema.optional(),
  schedule: maintenanceScheduleSchema,
  note: note.default(''),
})
export type CreateMaintenance = z.input<typeof createMaintenanceSchema>

/** Planned work. `POST /api/locations/:id/maintenance/:windowId/end` ends it for good; what was held back is then looked at again. */
export const maintenanceWindowSchema = z.object({
  id: topicToken,
  locationId: topicToken,
  deviceId: deviceIdSchema.optional(),
  schedule: maintenanceScheduleSchema,
  note,
  createdBy: topicToken,
  createdAtMs: epochMs,
  endedAtMs: epochMs.optional(),
  /** Whether it goes on now. */
  isActive: z.boolean(),
  /** End of the window that goes on; null while none does. */
  activeToMs: epochMs.nullable(),
})
export type MaintenanceWindow = z.infer<typeof maintenanceWindowSchema>
/** `GET /api/locations/:id/maintenance` (viewer): the newest first, those that ended with the rest for 30 days. */
export const maintenanceListSchema = z.object({ items: z.array(maintenanceWindowSchema) })
export type MaintenanceList = z.infer<typeof maintenanceListSchema>

/** `POST /api/locations/:id/silences` (technician): opens no Issue until then; at most 31 days ahead. */
export const createSilenceSchema = z.strictObject({
  /** Absent = the whole Location. */
  deviceId: deviceIdSchema.optional(),
  /** Absent = every cause. */
  faultClass: faultClassSchema.optional(),
  untilMs: epochMs,
  note: note.default(''),
})
export type CreateSilence = z.input<typeof createSilenceSchema>

/** Quiet on purpose. `POST /api/locations/:id/silences/:silenceId/end` ends it early. */
export const silenceSchema = z.object({
  id: topicToken,
  locationId: topicToken,
  deviceId: deviceIdSchema.optional(),
  faultClass: faultClassSchema.optional(),
  fromMs: epochMs,
  untilMs: epochMs,
  note,
  createdBy: topicToken,
  endedAtMs: epochMs.optional(),
  isActive: z.boolean(),
})
export type Silence = z.infer<typeof silenceSchema>
/** `GET /api/locations/:id/silences` (viewer). */
export const silenceListSchema = z.object({ items: z.array(silenceSchema) })
export type SilenceList = z.infer<typeof silenceListSchema>

/** `GET` (viewer) and `PUT /api/locations/:id/hours` (technician): opening hours and holidays on the Location's own clock; no openings = always open. */
export const locationHoursSchema = z.strictObject({
  /** IANA name, e.g. `Europe/Berlin`. */
  timeZone: shortText(60),
  calendar: calendarSchema,
})
export type LocationHours = z.infer<typeof locationHoursSchema>
