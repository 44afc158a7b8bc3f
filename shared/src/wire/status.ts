import { z } from 'zod'
import { bootEpochSchema } from './lane.ts'

/** Retained on `status`: is the appliance connected. The last will carries `online: false`; a will of an older epoch is ignored. */
export const statusSchema = z.strictObject({
  v: z.literal(1),
  online: z.boolean(),
  bootEpoch: bootEpochSchema,
  /** A clean goodbye names its reason; a will never does. */
  reason: z.enum(['shutdown', 'update', 'revoked']).optional(),
})
export type Status = z.infer<typeof statusSchema>
