import { z } from 'zod'
import { deviceIdSchema, deviceRoleSchema, ipSchema, macSchema } from '../domain/device.ts'
import { counter, epochMs, shortText, topicToken } from '../domain/text.ts'
import { unitSchema } from '../wire/observation.ts'

const ofDevice = { deviceId: deviceIdSchema }
const fromTo = { from: shortText(80), to: shortText(80) }

/** Something at a Location became otherwise than before, and is no fault in itself. */
export const changeWordSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('device-new'),
    unit: unitSchema.extend({ name: shortText(80).optional(), role: deviceRoleSchema }),
  }),
  /** Another address or switch port; ports read `port SWITCH NUMBER`. */
  z.object({ type: z.literal('device-moved'), ...ofDevice, ...fromTo }),
  z.object({ type: z.literal('device-replaced'), before: unitSchema, after: unitSchema }),
  z.object({ type: z.literal('devices-merged'), ...ofDevice, goneId: deviceIdSchema }),
  z.object({ type: z.literal('device-restarted'), ...ofDevice, uptimeMs: counter.optional() }),
  /** It has another name or firmware. */
  z.object({ type: z.literal('device-renamed'), ...ofDevice, ...fromTo }),
  z.object({ type: z.literal('device-updated'), ...ofDevice, ...fromTo }),
  z.object({
    type: z.literal('equipment-changed'),
    ...ofDevice,
    aspect: z.enum(['printer', 'power', 'port']),
    /** Empty = well again. */
    faults: z.array(shortText(60)).max(16),
  }),
  z.object({
    type: z.literal('ip-conflict'),
    ip: ipSchema,
    macs: z.array(macSchema).max(8),
    isActive: z.boolean(),
  }),
  /** The appliance's program started; how its last run ended, and for how long nobody watched. */
  z.object({
    type: z.literal('agent-started'),
    previousEnd: z.enum(['first-start', 'clean', 'killed', 'reboot', 'power-loss', 'unknown']),
    downMs: counter.nullable(),
  }),
  z.object({ type: z.literal('agent-updated'), ...fromTo }),
  /** The address that the cloud sees this way out come from. */
  z.object({ type: z.literal('public-address-changed'), uplinkId: topicToken, ...fromTo }),
])
export type ChangeWord = z.infer<typeof changeWordSchema>

export const locationChangeSchema = z.object({
  id: topicToken,
  /** When it happened on site. */
  atMs: epochMs,
  change: changeWordSchema,
})
export type LocationChange = z.infer<typeof locationChangeSchema>

/** `GET /api/locations/:id/changes` (viewer): newest first; `device` = only those that name it, `[fromMs, toMs)` = only those of this time. */
export const changeQuerySchema = z.strictObject({
  device: deviceIdSchema.optional(),
  fromMs: z.coerce.number().int().min(0).optional(),
  toMs: z.coerce.number().int().min(0).optional(),
  /** `nextCursor` of the page before. */
  cursor: z
    .string()
    .regex(/^\d{1,16}\.[a-z2-7]{1,64}$/, 'no cursor of this list')
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type ChangeQuery = z.input<typeof changeQuerySchema>
export const changePageSchema = z.object({
  items: z.array(locationChangeSchema),
  nextCursor: z.string().nullable(),
})
export type ChangePage = z.infer<typeof changePageSchema>

/** What a device can be known by. */
export const traitKinds = ['name', 'ip', 'mac', 'serial', 'version'] as const
export const deviceTraitSchema = z.object({
  kind: z.enum(traitKinds),
  value: shortText(120),
  firstSeenMs: epochMs,
  /** null = it has it now. */
  lastSeenMs: epochMs.nullable(),
})
export type DeviceTrait = z.infer<typeof deviceTraitSchema>
/** `GET /api/locations/:id/devices/:deviceId/identity` (viewer): what it has first, then the newest; also of a device that is gone. */
export const deviceIdentitySchema = z.object({ items: z.array(deviceTraitSchema) })
export type DeviceIdentity = z.infer<typeof deviceIdentitySchema>
