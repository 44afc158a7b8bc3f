import { z } from 'zod'
import { deviceIdSchema, ipSchema } from '../domain/device.ts'
import { counter, shortText, topicToken } from '../domain/text.ts'
import { evidenceSchema } from './observation.ts'
import { hostSchema, portSchema } from './twin.ts'

/**
 * What the cloud may ask of an appliance. For people: `ping traceroute dns tcp snmp-get rescan speed`; for the fault core: `probe` (now, ≤ 2 s);
 * for the live view: `watch` (1 s samples, ≤ 5 min, renewed). The agent itself allows only targets in its networks or probe list.
 */
export const commandActionSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('ping'), target: hostSchema, count: z.int().min(1).max(20) }),
  z.strictObject({ action: z.literal('traceroute'), target: hostSchema, maxHops: z.int().min(1).max(30) }),
  z.strictObject({ action: z.literal('dns'), name: hostSchema, resolver: ipSchema.optional() }),
  z.strictObject({ action: z.literal('tcp'), target: hostSchema, port: portSchema }),
  z.strictObject({
    action: z.literal('snmp-get'),
    target: hostSchema,
    oids: z
      .array(z.string().regex(/^\d+(\.\d+){1,40}$/))
      .min(1)
      .max(16),
  }),
  z.strictObject({ action: z.literal('rescan') }),
  z.strictObject({ action: z.literal('speed') }),
  z.strictObject({ action: z.literal('probe'), deviceId: deviceIdSchema }),
  z.strictObject({
    action: z.literal('watch'),
    deviceIds: z.array(deviceIdSchema).max(64),
    seconds: z.int().min(1).max(300),
  }),
])
export type CommandAction = z.infer<typeof commandActionSchema>
export type CommandActionName = CommandAction['action']

/** One command: never retained, answered until `budgetMs` after it arrives or not at all. */
export const commandSchema = z.strictObject({
  v: z.literal(1),
  id: topicToken,
  /** Who asked, for the audit trail on both sides. */
  auditId: topicToken,
  budgetMs: z.int().min(100).max(300_000),
  request: commandActionSchema,
})
export type Command = z.infer<typeof commandSchema>

/** What a command brought. Streams send `progress` first; exactly one result has `isFinal: true`. */
export const resultSchema = z.strictObject({
  v: z.literal(1),
  commandId: topicToken,
  seq: counter,
  isFinal: z.boolean(),
  outcome: z.discriminatedUnion('status', [
    z.strictObject({
      status: z.literal('ok'),
      evidence: z.array(evidenceSchema).max(64),
      /** Round-trip times in milliseconds, in order; null = no answer. */
      rttsMs: z.array(z.number().nonnegative().nullable()).max(64).optional(),
      lines: z.array(shortText(200)).max(64).optional(),
      /** Live samples of `watch`: device and round-trip time in milliseconds, null = no answer; a device that sat this round out is not named. */
      samples: z
        .array(z.tuple([deviceIdSchema, z.number().nonnegative().nullable()]))
        .max(64)
        .optional(),
    }),
    z.strictObject({ status: z.literal('refused'), reason: shortText(200) }),
    z.strictObject({ status: z.literal('failed'), reason: shortText(200) }),
    z.strictObject({ status: z.literal('timeout') }),
  ]),
})
export type CommandResult = z.infer<typeof resultSchema>
