import { z } from 'zod'

/**
 * What `npm run lab` says to a running `npm start` over the 0600 socket in its data folder: one JSON line there, one back.
 * Both ends are ours and of one version; the schemas guard against anything else that connects.
 */
export const controlRequestSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('status') }),
  z.strictObject({
    action: z.enum(['fault', 'heal']),
    words: z.array(z.string().max(64)).min(1).max(4),
    isWaiting: z.boolean(),
  }),
  z.strictObject({ action: z.literal('down') }),
])
export type ControlRequest = z.infer<typeof controlRequestSchema>

export const controlAnswerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('done'), report: z.unknown() }),
  /** The user asked for something that is not there: one sentence, exit 2. */
  z.strictObject({ kind: z.literal('usage'), message: z.string() }),
  z.strictObject({ kind: z.literal('failed'), message: z.string() }),
])
export type ControlAnswer = z.infer<typeof controlAnswerSchema>

export const controlSocketName = 'control.sock'
/** Most characters of one line. */
export const maxLineChars = 64_000
