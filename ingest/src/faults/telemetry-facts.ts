import type { Telemetry, TelemetryRow, WatchedTarget } from '@proactive/shared'
import { confirmClaims } from './conditions.ts'
import type { Freshness } from './freshness.ts'
import { learnHabits } from './habit.ts'
import { gatewayDeviceOf, primaryUplinkId } from './inventory.ts'
import { readPresenceRow } from './presence.ts'
import { readQuality } from './quality.ts'
import { tell } from './standing.ts'
import type { Condition } from './state.ts'
import type { Turn } from './turn.ts'
import { reviewUnwatched } from './unwatched.ts'

/** A share of good answers from which a path counts as working again. */
const worksFrom = 0.8

/**
 * Reads a batch. Only a fresh one of the live lane says anything about now: it confirms presence and what works again.
 * It never makes a path bad: that is the observations' business, which are debounced. While all is well and everybody answers no device is even looked up.
 */
export function readTelemetry(turn: Turn, batch: Telemetry, freshness: Freshness): void {
  if (!freshness.isFresh) return
  const toMs = freshness.atMs
  const fromMs = toMs - batch.windowMs
  const { state } = turn
  const { device: rows, snmp } = batch.rows
  if (snmp !== undefined) readRouterUptime(turn, snmp, fromMs, toMs)
  readQuality(turn, batch, fromMs, toMs)
  learnHabits(turn, batch.windowMs, toMs)
  if (rows !== undefined && !(state.isCalm && everybodyAnswered(rows))) {
    for (const row of rows) readDeviceRow(turn, row, fromMs, toMs)
  }
  if (state.isCalm) return
  if (state.conditions.some((condition) => condition.state !== 'good' || condition.claim !== null)) {
    confirmClaims(turn)
    readPaths(turn, batch, fromMs, toMs)
    reviewUnwatched(turn, batch)
  }
}

function everybodyAnswered(rows: readonly TelemetryRow[]): boolean {
  for (const row of rows) if (row[1] === 0) return false
  return true
}

function readDeviceRow(turn: Turn, row: TelemetryRow, fromMs: number, toMs: number): void {
  const facts = turn.state.deviceByAlias.get(row[0] as number)
  const ratio = row[1]
  if (facts === undefined || ratio === null || ratio === undefined) return
  // A device that was not asked cannot be missed.
  if (ratio === 0 && row[7] === 0) return
  readPresenceRow(turn, facts, ratio, fromMs, toMs)
}

/** When the router started, by its own uptime: what tells a dead router from a pulled cable. */
function readRouterUptime(turn: Turn, rows: readonly TelemetryRow[], fromMs: number, atMs: number): void {
  const { state } = turn
  for (const row of rows) {
    const uptimeSeconds = row[1]
    if (row[0] !== state.routerAlias || uptimeSeconds === null || uptimeSeconds === undefined) continue
    state.routerBootMs = atMs - uptimeSeconds * 1000
    state.routerReadMs = fromMs
    if (state.incidents.length > 0) turn.isChanged = true
  }
}

/** Takes back what a whole window shows to work, for agents that restarted and no longer know that it ever failed. */
function readPaths(turn: Turn, batch: Telemetry, fromMs: number, toMs: number): void {
  const { state } = turn
  const worksAgain = (condition: Condition): void => {
    if (condition.state === 'good' || fromMs < condition.sinceMs) return
    if (condition.state === 'bad') condition.restoredMs = turn.nowMs
    if (tell(turn, condition, 'good', toMs, { isFresh: true }, 'worked all through a telemetry window'))
      turn.isChanged = true
  }
  for (const condition of state.conditions) {
    if (condition.state === 'good' || condition.kind === 'slow') continue
    if (condition.kind === 'wan' && condition.subject === primaryUplinkId(state)) {
      if (allWork(batch.rows.wan)) worksAgain(condition)
    } else if (condition.kind === 'dns') {
      const own = rowsOf(batch.rows.dns, state.appliance?.targets ?? [], condition.subject)
      if (allWork(own.length > 0 ? own : batch.rows.dns)) worksAgain(condition)
    } else if (condition.kind === 'paypath') {
      const own = rowsOf(batch.rows.paypath, state.appliance?.targets ?? [], condition.subject)
      if (allWork(own) && own.every((row) => row[2] === 0)) {
        condition.stage = 'none'
        worksAgain(condition)
      }
    } else if (condition.kind === 'gateway' && condition.subject === primaryUplinkId(state)) {
      const gateway = gatewayDeviceOf(state)
      const own = (batch.rows.device ?? []).find((row) => row[0] === gateway?.device.alias)
      if (own !== undefined && (own[1] ?? 0) >= worksFrom) worksAgain(condition)
    }
  }
}

function allWork(rows: readonly TelemetryRow[] | undefined): boolean {
  return rows !== undefined && rows.length > 0 && rows.every((row) => (row[1] ?? 0) >= worksFrom)
}

function rowsOf(
  rows: readonly TelemetryRow[] | undefined,
  targets: readonly WatchedTarget[],
  subject: string,
): TelemetryRow[] {
  const aliases = new Set(
    targets.filter(({ id, name }) => id === subject || name === subject).map(({ alias }) => alias),
  )
  return (rows ?? []).filter((row) => aliases.has(row[0] as number))
}
