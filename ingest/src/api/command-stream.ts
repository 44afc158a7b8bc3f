import { PassThrough } from 'node:stream'
import type { CommandLine } from '@proactive/shared/http'
import type { CommandOutcome, CommandToRun } from '../commands/dispatcher.ts'
import { problemOf } from './problem.ts'

/** What a client asks for that wants to see a live tool at work: one JSON object a line. */
export const lineType = 'application/x-ndjson'
/** Lines that nobody fetched; a client that lets so much pile up gets no further ones. */
const maxPendingBytes = 256 * 1_024

/**
 * A command as a stream of lines: each part as it comes, the last line its end. What goes wrong after the first line is a line too.
 * @param settle gives the answer of an outcome, or throws what a plain answer would have been refused with
 */
export function streamCommand(
  run: (onProgress: NonNullable<CommandToRun['onProgress']>) => Promise<CommandOutcome>,
  auditId: string,
  settle: (outcome: CommandOutcome) => CommandLine,
): PassThrough {
  const lines = new PassThrough()
  const write = (line: CommandLine) => {
    if (!lines.destroyed && lines.readableLength < maxPendingBytes) lines.write(`${JSON.stringify(line)}\n`)
  }
  run((result) => write({ auditId, result }))
    .then(settle)
    .then(write, (error: unknown) => write({ problem: problemOf(error) }))
    .finally(() => lines.end())
    .catch(() => lines.destroy())
  return lines
}
