import { z } from 'zod'
import { ipSchema } from '../domain/device.ts'

/**
 * `seen`, down, once after each subscribe: where the cloud sees the appliance come from, as it is; behind a load balancer that is the balancer.
 * Whether it is an address of the internet is for the appliance to judge.
 */
export const seenSchema = z.strictObject({ v: z.literal(1), address: ipSchema })
export type Seen = z.infer<typeof seenSchema>
