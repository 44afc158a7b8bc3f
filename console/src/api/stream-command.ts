import { type CommandAnswer, commandLineSchema, type RunCommand } from '@proactive/shared/http'
import { t } from '../i18n/language.ts'
import { ApiError, postForStream } from './client.ts'

/** Time beyond a command's own budget after which nothing more is awaited. */
const graceMs = 5_000
const maxLineChars = 64_000

/**
 * Runs a live tool and tells each part as it comes; the last one has `isFinal`.
 * @throws ApiError where it was refused, broke off, or took too long
 */
export async function streamCommand(
  applianceId: string,
  body: RunCommand,
  onPart: (answer: CommandAnswer) => void,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = AbortSignal.timeout(body.budgetMs + graceMs)
  const stream = await postForStream(
    `/api/appliances/${applianceId}/commands`,
    'application/x-ndjson',
    body,
    signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
  )
  let rest = ''
  let hasEnded = false
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      rest += chunk.value
      const lines = rest.split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > maxLineChars) throw new ApiError(0, brokenOff())
      for (const line of lines) {
        const answer = readLine(line)
        hasEnded ||= answer.result.isFinal
        onPart(answer)
      }
    }
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(0, brokenOff())
  }
  if (!hasEnded) throw new ApiError(0, brokenOff())
}

const brokenOff = () => t('The answer broke off before its end.')

function readLine(text: string): CommandAnswer {
  const parsed = commandLineSchema.safeParse(JSON.parse(text))
  if (!parsed.success) throw new ApiError(0, brokenOff())
  if ('problem' in parsed.data)
    throw new ApiError(parsed.data.problem.status, parsed.data.problem.detail ?? parsed.data.problem.title)
  return parsed.data
}
