import { z } from 'zod'
import { topicToken } from '../domain/text.ts'
import { commandActionSchema, resultSchema } from '../wire/command.ts'

/** `POST /api/appliances/:id/commands` (technician): runs now or answers 409 `appliance-offline` at once; 504 `command-timeout` after the budget. */
export const runCommandSchema = z.strictObject({
  request: commandActionSchema,
  budgetMs: z.int().min(100).max(30_000).default(5_000),
})
export type RunCommand = z.infer<typeof runCommandSchema>
export const commandAnswerSchema = z.object({ auditId: topicToken, result: resultSchema })
export type CommandAnswer = z.infer<typeof commandAnswerSchema>
