import { z } from 'zod'
import { longText, shortText } from '../domain/text.ts'

/** Every error answer: `application/problem+json` (RFC 9457). `code` is stable; `detail` is one sentence for a person. */
export const problemSchema = z.object({
  type: z.string().max(200).default('about:blank'),
  title: shortText(120),
  status: z.int().min(400).max(599),
  code: shortText(60),
  detail: longText(500).optional(),
  /** Field → what is wrong with it, where a body did not fit. */
  errors: z
    .array(z.object({ path: shortText(120), message: shortText(200) }))
    .max(32)
    .optional(),
})
export type Problem = z.infer<typeof problemSchema>
