import type { EpochMs } from '@proactive/shared'
import type { Turn } from './turn.ts'

/** How far a message's time can be believed, and its times in the log's time. */
export interface Freshness {
  /** Live lane, this start of the agent, neither late nor ahead: may raise and clear. */
  readonly isFresh: boolean
  readonly atMs: EpochMs
  /** Turns another time stamped by the same message into log time; never later than now. */
  readonly toLogMs: (siteMs: EpochMs) => EpochMs
}

/** A way that holds a few messages back is no wrong clock: what seems to be one is believed by an eighth with each batch. */
const lagGain = 1 / 8

/**
 * Learns how late this appliance's messages seem at their quickest: by so much its clock is slow. Less is believed at once, more by and by, and
 * only of batches: they come at their own pace, however much there is to tell.
 */
export function noteLag(
  turn: Turn,
  message: { readonly atMs: EpochMs; readonly clock: 'synced' | 'unsynced' },
  kind: 'telemetry' | 'observation' | 'birth',
  { isFresh }: Pick<Freshness, 'isFresh'>,
): void {
  const { appliance } = turn.state
  if (appliance === null || !isFresh || message.clock !== 'synced') return
  const lateMs = turn.nowMs - message.atMs
  const lagMs = appliance.lagMs ?? lateMs
  if (lateMs <= lagMs) appliance.lagMs = lateMs
  else if (kind === 'telemetry') appliance.lagMs = Math.round(lagMs + (lateMs - lagMs) * lagGain)
}

/**
 * Judges a message's age. A synced stamp is compared with the log's clock. An unsynced one only orders messages of one start of the agent:
 * it is read relative to that start's birth, which was made when it was sent; without a birth it tells nothing about age.
 */
export function freshnessOf(
  turn: Turn,
  message: { readonly bootEpoch: number; readonly atMs: EpochMs; readonly clock: 'synced' | 'unsynced' },
  lane: 'live' | 'backlog',
): Freshness {
  const { nowMs, timing } = turn
  const appliance = turn.state.appliance
  const isThisStart = appliance !== null && appliance.bootEpoch === message.bootEpoch
  const offsetMs =
    message.clock === 'synced'
      ? 0
      : isThisStart && appliance.clockOffsetMs !== null
        ? appliance.clockOffsetMs
        : null
  const toLogMs = (siteMs: EpochMs): EpochMs =>
    offsetMs === null ? nowMs : Math.max(0, Math.min(nowMs, siteMs + offsetMs))
  if (offsetMs === null) return { isFresh: false, atMs: nowMs, toLogMs }
  const lateMs = nowMs - (message.atMs + offsetMs)
  const isFresh = lane === 'live' && isThisStart && lateMs <= turn.timing.lateMs && -lateMs <= timing.aheadMs
  return { isFresh, atMs: toLogMs(message.atMs), toLogMs }
}
