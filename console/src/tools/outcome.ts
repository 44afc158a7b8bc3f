import type { CommandResult } from '@proactive/shared'

type Outcome = CommandResult['outcome']

/** How a live tool ended, in a sentence. */
export function outcomeWord(outcome: Outcome): string {
  switch (outcome.status) {
    case 'ok': {
      const rtts = outcome.rttsMs ?? []
      const answered = rtts.filter((rtt) => rtt !== null)
      if (rtts.length > 0) {
        if (answered.length === 0) return `✕ No answer to ${rtts.length} echo requests.`
        const mean = answered.reduce((sum, rtt) => sum + rtt, 0) / answered.length
        return `✓ ${answered.length} of ${rtts.length} answered, mean ${mean.toFixed(2)} ms, worst ${Math.max(...answered).toFixed(2)} ms.`
      }
      const silent = outcome.evidence.filter(({ answer }) => answer !== 'reply' && answer !== 'up')
      if (outcome.evidence.length === 0) return '✓ Done.'
      return silent.length === outcome.evidence.length ? '✕ It does not answer.' : '✓ It answers.'
    }
    case 'refused':
      return `⊘ Refused: ${outcome.reason}.`
    case 'failed':
      return `✕ Failed: ${outcome.reason}.`
    case 'timeout':
      return '✕ It took too long.'
  }
}

/** What stands below the sentence: round-trip times, evidence, lines of text. */
export function outcomeLines(outcome: Outcome): string[] {
  if (outcome.status !== 'ok') return []
  const rtts = (outcome.rttsMs ?? []).map(
    (rtt, index) => `${index + 1}  ${rtt === null ? 'no answer' : `${rtt.toFixed(2)} ms`}`,
  )
  const evidence = outcome.evidence.map(
    ({ probe, target, answer, detail }) =>
      `${probe} ${target}: ${answer}${detail === undefined ? '' : ` (${detail})`}`,
  )
  return [...rtts, ...evidence, ...(outcome.lines ?? [])]
}
