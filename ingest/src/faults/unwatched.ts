import type { Telemetry } from '@proactive/shared'
import { closeIncident } from './incident-changes.ts'
import { tell } from './standing.ts'
import type { Condition, LocationState } from './state.ts'
import type { Turn } from './turn.ts'

/** An appliance that measures, and has not measured this for so long, does not watch it any more. */
const unwatchedAfterMs = 1_800_000

/**
 * Ends what nobody will ever tell the end of, on the word of batches that do arrive: a resolver or processor that was taken off the list, and
 * what an agent saw before its restart and has not seen again since. Silence alone ends nothing: without batches no time counts.
 */
export function reviewUnwatched(turn: Turn, batch: Telemetry): void {
  for (const condition of [...turn.state.conditions]) {
    if (condition.state !== 'bad') continue
    if (isAsked(turn.state, condition, batch)) {
      delete condition.unaskedMs
      continue
    }
    condition.unaskedMs = (condition.unaskedMs ?? 0) + batch.windowMs
    if (condition.unaskedMs < unwatchedAfterMs) continue
    delete condition.unaskedMs
    if (isTarget(condition)) forget(turn, condition)
    else
      tell(turn, condition, 'good', batch.atMs, { isFresh: true }, 'not seen again since the agent’s restart')
    turn.isChanged = true
  }
}

function isTarget({ kind }: Condition): boolean {
  return kind === 'dns' || kind === 'paypath' || kind === 'slow'
}

/** Whether somebody looks after it: its rows come, or the running agent saw it itself and will see its end. */
function isAsked(state: LocationState, condition: Condition, { rows }: Telemetry): boolean {
  const { kind, subject } = condition
  const hasRowOf = (family: 'dns' | 'paypath' | 'wan'): boolean =>
    (rows[family] ?? []).some((row) => {
      if (kind === 'slow') return state.pathByAlias.get(row[0] as number)?.subject === subject
      const target = state.appliance?.targets.find(({ alias }) => alias === row[0])
      return target?.id === subject || target?.name === subject
    })
  switch (kind) {
    case 'dns':
    case 'paypath':
      return hasRowOf(kind)
    case 'slow':
      return hasRowOf('wan') || hasRowOf('dns') || hasRowOf('paypath')
    case 'dhcp':
    case 'ip-conflict':
      return condition.isFresh
    default:
      return true
  }
}

function forget(turn: Turn, gone: Condition): void {
  const { state } = turn
  state.conditions = state.conditions.filter((condition) => condition !== gone)
  const isLeft = state.conditions.some(({ kind, state }) => kind === gone.kind && state === 'bad')
  for (const incident of [...state.incidents]) {
    const isOfIt =
      (gone.kind === 'paypath' &&
        incident.faultClass === 'payment-path-failing' &&
        incident.rootId === gone.subject) ||
      (gone.kind === 'dns' && incident.faultClass === 'dns-failing' && !isLeft) ||
      (gone.kind === 'slow' && incident.faultClass === 'wan-degraded')
    if (isOfIt) closeIncident(turn, incident, 'It is not watched any more')
  }
}
