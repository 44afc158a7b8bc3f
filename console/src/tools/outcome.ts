import type { CommandResult } from '@proactive/shared'
import { t } from '../i18n/language.ts'

type Outcome = CommandResult['outcome']

/** How a live tool ended, in a sentence. */
export function outcomeWord(outcome: Outcome): string {
  switch (outcome.status) {
    case 'ok': {
      const rtts = outcome.rttsMs ?? []
      const answered = rtts.filter((rtt) => rtt !== null)
      if (rtts.length > 0) {
        if (answered.length === 0)
          return `✕ ${t('No answer to {count} echo requests.', { count: rtts.length })}`
        const mean = answered.reduce((sum, rtt) => sum + rtt, 0) / answered.length
        return `✓ ${t('{count} of {all} answered, mean {mean} ms, worst {worst} ms.', { count: answered.length, all: rtts.length, mean: mean.toFixed(2), worst: Math.max(...answered).toFixed(2) })}`
      }
      const silent = outcome.evidence.filter(({ answer }) => answer !== 'reply' && answer !== 'up')
      if (outcome.evidence.length === 0) return `✓ ${t('Done.')}`
      return silent.length === outcome.evidence.length
        ? `✕ ${t('It does not answer.')}`
        : `✓ ${t('It answers.')}`
    }
    case 'refused':
      return `⊘ ${t('Refused: {reason}.', { reason: outcome.reason })}`
    case 'failed':
      return `✕ ${t('Failed: {reason}.', { reason: outcome.reason })}`
    case 'timeout':
      return `✕ ${t('It took too long.')}`
  }
}

/** What stands below the sentence: round-trip times, evidence, lines of text. */
export function outcomeLines(outcome: Outcome): string[] {
  if (outcome.status !== 'ok') return []
  const rtts = (outcome.rttsMs ?? []).map(
    (rtt, index) => `${index + 1}  ${rtt === null ? t('no answer') : `${rtt.toFixed(2)} ms`}`,
  )
  const evidence = outcome.evidence.map(
    ({ probe, target, answer, detail }) =>
      `${probe} ${target}: ${answer}${detail === undefined ? '' : ` (${detail})`}`,
  )
  return [...rtts, ...evidence, ...(outcome.lines ?? [])]
}

/** What came so far with one more part of a stream; the final part holds everything. */
export function joinParts(before: Outcome | undefined, { outcome, isFinal }: CommandResult): Outcome {
  if (isFinal || before?.status !== 'ok' || outcome.status !== 'ok') return outcome
  return {
    status: 'ok',
    evidence: [...before.evidence, ...outcome.evidence],
    rttsMs: [...(before.rttsMs ?? []), ...(outcome.rttsMs ?? [])],
    lines: [...(before.lines ?? []), ...(outcome.lines ?? [])],
  }
}
