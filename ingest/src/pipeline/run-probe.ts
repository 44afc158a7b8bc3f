import type { CommandResult } from '@proactive/shared'
import type { CommandDispatcher } from '../commands/dispatcher.ts'
import type { Effect, IngestEvent } from '../faults/model.ts'

export type ProbeEffect = Extract<Effect, { type: 'probe' }>
export type ProbeAnswer = Extract<IngestEvent, { type: 'probe-answered' }>['answer']

const budgetMs = 2_000

/** Asks the appliance to look at the device now. Never rejects: whatever stands in the way is `unavailable`. */
export async function runProbe(commands: CommandDispatcher, probe: ProbeEffect): Promise<ProbeAnswer> {
  const { applianceId, deviceId, probeId } = probe
  const request = { action: 'probe', deviceId } as const
  const outcome = await commands
    .run({ applianceId, request, budgetMs, auditId: probeId })
    .catch(() => ({ kind: 'offline' }) as const)
  return outcome.kind === 'answered' ? readAnswer(outcome.result) : 'unavailable'
}

/** One reply of any kind is a reply; silence counts only where the appliance did ask. */
function readAnswer({ outcome }: CommandResult): ProbeAnswer {
  if (outcome.status !== 'ok') return 'unavailable'
  const hasReply =
    outcome.evidence.some(({ answer }) => answer === 'reply' || answer === 'refused') ||
    (outcome.rttsMs ?? []).some((rtt) => rtt !== null)
  if (hasReply) return 'reply'
  return outcome.evidence.length > 0 || (outcome.rttsMs ?? []).length > 0 ? 'silent' : 'unavailable'
}
