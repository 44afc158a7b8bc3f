import { z } from 'zod'
import { topicToken } from '../domain/text.ts'
import { commandActionSchema, resultSchema } from '../wire/command.ts'
import { problemSchema } from './problem.ts'

/** `POST /api/appliances/:id/commands` (technician): runs now or answers 409 `appliance-offline` at once; 504 `command-timeout` after the budget. */
export const runCommandSchema = z.strictObject({
  request: commandActionSchema,
  budgetMs: z.int().min(100).max(30_000).default(5_000),
})
export type RunCommand = z.infer<typeof runCommandSchema>
export const commandAnswerSchema = z.object({ auditId: topicToken, result: resultSchema })
export type CommandAnswer = z.infer<typeof commandAnswerSchema>

/** One line of the answer to `accept: application/x-ndjson`: a part, the end (`isFinal`), or why there is none. */
export const commandLineSchema = z.union([commandAnswerSchema, z.object({ problem: problemSchema })])
export type CommandLine = z.input<typeof commandLineSchema>
