import { z } from 'zod'
import { deviceRoleSchema, deviceSchema } from '../domain/device.ts'
import { payabilitySchema } from '../domain/fault.ts'
import { epochMs, shortText, topicToken } from '../domain/text.ts'
import { uplinkSchema, watchedTargetSchema } from '../wire/birth.ts'
import { rowFamilies } from '../wire/telemetry.ts'
import { calendarSchema, customerSchema, locationSchema, routingRuleSchema } from './directory.ts'
import { incidentSchema } from './incident.ts'

/** How a Location or device is, worst first: the order of the overview. */
export const healthStates = ['down', 'dark', 'degraded', 'unknown', 'asleep', 'ok'] as const
export const healthStateSchema = z.enum(healthStates)
export type HealthState = z.infer<typeof healthStateSchema>

/** The sentence over a Location, e.g. "Router unreachable since 14:02; 4 terminals affected, not at fault". */
export const verdictSchema = z.object({
  sentence: shortText(300),
  health: healthStateSchema,
  sinceMs: epochMs.nullable(),
})

export const locationSummarySchema = z.object({
  id: topicToken,
  name: shortText(120),
  customerName: shortText(120),
  timeZone: shortText(60),
  verdict: verdictSchema,
  payability: payabilitySchema,
  /** Whether an appliance is connected now; `lastSeenMs` = last message in the log, null before the first. */
  isOnline: z.boolean(),
  lastSeenMs: epochMs.nullable(),
  deviceCount: z.int(),
  openIncidentCount: z.int(),
  /** Where it stands, for the map; absent where nobody said. */
  latitude: locationSchema.shape.latitude,
  longitude: locationSchema.shape.longitude,
  /** The appliance that reports from here and its program; null before the first inventory. */
  applianceId: topicToken.nullable().optional(),
  agentVersion: shortText(40).nullable().optional(),
})
export type LocationSummary = z.infer<typeof locationSummarySchema>

/** `GET /api/locations`: all with a stake, worst first. */
export const locationListSchema = z.object({ items: z.array(locationSummarySchema) })
export type LocationList = z.infer<typeof locationListSchema>

export const deviceStateSchema = z.object({
  device: deviceSchema,
  health: healthStateSchema,
  /** When it went into this state. */
  sinceMs: epochMs.nullable(),
  /** Not at fault: what explains its silence. */
  explainedBy: shortText(240).optional(),
  /** Worth a look and no fault, e.g. on at night when it never was. */
  notice: shortText(240).optional(),
  isRetired: z.boolean().optional(),
  /** Whether this checkout can take cards; absent for what is none. */
  payability: payabilitySchema.optional(),
  productId: topicToken.optional(),
  productName: shortText(120).optional(),
  rttP50Ms: z.number().nullable(),
  lossRatio: z.number().nullable(),
  lastSampleMs: epochMs.nullable(),
})
export type DeviceState = z.infer<typeof deviceStateSchema>

/** `GET /api/locations/:id`. */
export const locationDetailSchema = z.object({
  summary: locationSummarySchema,
  customer: customerSchema,
  address: shortText(200).optional(),
  calendar: calendarSchema,
  applianceId: topicToken.nullable(),
  agentVersion: shortText(40).nullable(),
  /** What the appliance says it is, e.g. a model, or "simulated LAN". */
  hardware: shortText(120).optional(),
  clock: z.enum(['synced', 'unsynced']).nullable(),
  uplinks: z.array(uplinkSchema),
  targets: z.array(watchedTargetSchema),
  devices: z.array(deviceStateSchema),
  /** Open ones and those closed within 7 days, newest first. */
  incidents: z.array(incidentSchema),
  responsibilities: z.array(
    routingRuleSchema.extend({ organizationName: shortText(120), teamName: shortText(120) }),
  ),
})
export type LocationDetail = z.infer<typeof locationDetailSchema>

/** `GET /api/locations/:id/series`: one field of one device or target over time, averaged into at most `points` buckets. */
export const seriesQuerySchema = z.strictObject({
  family: z.enum(rowFamilies),
  /** Device id, target id, or the appliance's id for family `appliance`. */
  subject: topicToken,
  field: shortText(40),
  fromMs: z.coerce.number().int().min(0),
  toMs: z.coerce.number().int().min(0),
  points: z.coerce.number().int().min(10).max(2_000).default(300),
})
export type SeriesQuery = z.infer<typeof seriesQuerySchema>
/** Parallel arrays, times ascending; null = no sample in the bucket. */
export const seriesSchema = z.object({
  bucketMs: z.int(),
  timesMs: z.array(z.int()),
  mean: z.array(z.number().nullable()),
  min: z.array(z.number().nullable()),
  max: z.array(z.number().nullable()),
})
export type Series = z.infer<typeof seriesSchema>

/** `PUT /api/locations/:id/devices/:deviceId` (technician): confirms or corrects what the agent proposes; `productId: null` = not listed. */
export const confirmDeviceSchema = z.strictObject({
  role: deviceRoleSchema.optional(),
  name: shortText(80).optional(),
  vendor: shortText(80).optional(),
  model: shortText(80).optional(),
  productId: topicToken.nullable().optional(),
  isSleeper: z.boolean().optional(),
  /** Gone for good: its silence is no fault any more, and what was open for it ends. */
  isRetired: z.boolean().optional(),
})
export type ConfirmDevice = z.infer<typeof confirmDeviceSchema>
