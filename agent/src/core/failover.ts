import type { MonotonicMs } from '@proactive/shared'

/** What is known about one way out when a choice is due. */
export interface UplinkStanding {
  readonly id: string
  readonly hasCarrier: boolean
  /** null = not judged yet. */
  readonly isGatewayReachable: boolean | null
  readonly isWanUp: boolean | null
  /** Since when carrier, gateway and WAN are all well; undefined while one is not. */
  readonly healthySinceMono?: MonotonicMs
  /** When connecting to the cloud by this way failed last. */
  readonly failedAtMono?: MonotonicMs
}

/** A better way is taken back only after it was well for this long: two changes of way in a minute help nobody. */
export const returnAfterMs = 60_000
/** A way by which connecting failed is passed over for this long where another one works. */
const avoidAfterFailureMs = 20_000

/** Whether a way out is judged broken; not judged yet counts as fine. */
export function isBroken(uplink: UplinkStanding): boolean {
  return !uplink.hasCarrier || uplink.isGatewayReachable === false || uplink.isWanUp === false
}

/**
 * Which way out to use. `uplinks` is in order of preference; `current` = the one in use, undefined while not connected.
 * The current one is kept unless it is broken, or a better one has been well for {@link returnAfterMs}
 * and connecting by it did not fail just now.
 * Where every way is judged broken, the judgement itself may be wrong: the least recently failed one is tried.
 */
export function chooseUplink(
  uplinks: readonly UplinkStanding[],
  current: string | undefined,
  nowMono: MonotonicMs,
): string | undefined {
  const sound = uplinks.filter((uplink) => !isBroken(uplink))
  const hasFailedLately = ({ failedAtMono }: UplinkStanding) =>
    failedAtMono !== undefined && nowMono - failedAtMono < avoidAfterFailureMs
  if (current !== undefined) {
    const index = sound.findIndex((uplink) => uplink.id === current)
    const better = (index < 0 ? [] : sound.slice(0, index)).find(
      (uplink) =>
        uplink.healthySinceMono !== undefined &&
        nowMono - uplink.healthySinceMono >= returnAfterMs &&
        !hasFailedLately(uplink),
    )
    if (better !== undefined) return better.id
    if (index >= 0) return current
    return sound[0]?.id ?? current
  }
  const fresh = sound.find((uplink) => !hasFailedLately(uplink))
  if (fresh !== undefined) return fresh.id
  const linked = uplinks.filter((uplink) => uplink.hasCarrier)
  return byOldestFailure(sound)?.id ?? byOldestFailure(linked)?.id ?? uplinks[0]?.id
}

function byOldestFailure(uplinks: readonly UplinkStanding[]): UplinkStanding | undefined {
  return [...uplinks].sort((a, b) => (a.failedAtMono ?? -1) - (b.failedAtMono ?? -1))[0]
}
