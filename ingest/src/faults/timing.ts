/** Which promises are kept: a shop's, or the lab's where nobody wants to wait five minutes for "stayed well". */
export type Profile = 'production' | 'lab'

/** All waiting times of the core that no single rule owns, in milliseconds, with their reasons. */
export interface Timing {
  /**
   * A broken connection counts as dark after this long without a new one. The broker notices a silent cut 7.5–22.5 s after it (keepalive 15 s × 1.5),
   * so that the Issue is open 39–55 s after the fault (promise: 60 s).
   */
  readonly darkAfterWillMs: number
  /** Over a line that is hardly usable a new connection takes this long now and then: up to five minutes were seen where 40 % of the packets are lost each way. */
  readonly lineDarkMs: number
  /** After a gateway ended all its sessions are unknown, not broken: appliances get this long to come back. */
  readonly darkAfterGatewayLostMs: number
  /** An appliance that said goodbye is being updated or moved; only a long absence is worth an Issue. */
  readonly goodbyeMs: number
  /** After a start or reconnect new incidents wait until every expected device was seen, at most this long. */
  readonly startHoldMs: number
  /** Outside opening hours nobody is hurt by a nightly reboot: faults must last this long. */
  readonly closedHoursHoldMs: number
  /** How long a cleared incident must stay well before it is closed. */
  readonly wellForMs: number
  /** More relapses than this in one episode are flapping: the incident then closes only after `stableForMs`. */
  readonly flapRelapses: number
  readonly stableForMs: number
  /** A point older than this is late, one further ahead than `aheadMs` is from a wrong clock: neither raises nor clears. */
  readonly lateMs: number
  readonly aheadMs: number
  /** A probe ends within 2 s on site; without an answer after this long it counts as unavailable. */
  readonly probeTimeoutMs: number
  /** A probe older than this says nothing about now. */
  readonly probeValidMs: number
  /** After a dark time the verdict of the site is awaited this long before the core draws its own conclusion from what else it was told. */
  readonly verdictPatienceMs: number
  /** A dark incident stays open at least this long after the reconnect, so that its explanation meets it (promise: 60 s). */
  readonly explainWithinMs: number
  /** What is still silent this long after its cause ended (terminals booting after a power cut) still belongs to that cause. */
  readonly residualMs: number
  /** Devices that fell silent within this window fell silent together: slowest cadence of presence plus retries. */
  readonly togetherMs: number
  /**
   * Who falls silent so long after a fault of several began still belongs to it: without the right to raw ARP the kernel believes in a neighbor
   * for up to 45 s after it is gone.
   */
  readonly stragglersMs: number
  /** How much earlier than its cause a suffering device may seem to fail: both times are rounded by their own probing cadence. */
  readonly slackMs: number
  /** Least time between two updates of one incident. */
  readonly updateEveryMs: number
  /** A wake-up call that comes this late means that the ingest itself was away: its own silence is no evidence. */
  readonly overdueMs: number
}

const production: Timing = {
  darkAfterWillMs: 32_000,
  lineDarkMs: 600_000,
  darkAfterGatewayLostMs: 45_000,
  goodbyeMs: 600_000,
  startHoldMs: 60_000,
  closedHoursHoldMs: 300_000,
  wellForMs: 300_000,
  flapRelapses: 3,
  stableForMs: 900_000,
  lateMs: 120_000,
  aheadMs: 300_000,
  probeTimeoutMs: 4_000,
  probeValidMs: 30_000,
  verdictPatienceMs: 20_000,
  explainWithinMs: 60_000,
  residualMs: 120_000,
  togetherMs: 45_000,
  stragglersMs: 90_000,
  slackMs: 30_000,
  updateEveryMs: 10_000,
  overdueMs: 30_000,
}

/** The waiting times in force; the lab only shortens what comes after a recovery. */
export const timings: Readonly<Record<Profile, Timing>> = {
  production,
  lab: { ...production, wellForMs: 20_000, stableForMs: 60_000, residualMs: 60_000 },
}
