import type { MonotonicMs } from '@proactive/shared'

/** One reading of the router's counters on its way out: bytes since it started. */
export interface TrafficReading {
  readonly atMono: MonotonicMs
  readonly rxBytes: number
  readonly txBytes: number
  /** What it is read from; counters of another interface or router are other counters. */
  readonly source: string
  /** Speed of that interface as the router tells it (ifHighSpeed), Mbit/s; null where it tells none. */
  readonly speedMbit: number | null
}

/** The line under the Location's own load over the last minute. */
export interface LineLoad {
  /** The most that passed, Mbit/s. */
  readonly rxMbit: number
  readonly txMbit: number
  /** Usual round trip while little passes, of the last hour; null before that is known. */
  readonly quietRttMs: number | null
  readonly busyRttMs: number | null
  readonly addedRttMs: number | null
  /** Share of the readings that were busy. */
  readonly busyRatio: number
}

/** Holds what passes the line against the round trips that are taken anyway; sends nothing itself. */
export interface LoadMeter {
  /** A round trip to an internet target over this line. Silence is no measure of delay and is not told. */
  roundTrip(target: string, rttMs: number, atMono: MonotonicMs): void
  /** The counters as they are now; gives the load where the line was busy within the last minute. */
  traffic(reading: TrafficReading): LineLoad | undefined
  /** Readings left out since the start, because more would have passed than the link can carry. */
  dropped(): number
}

interface Interval {
  readonly untilMono: MonotonicMs
  readonly rxMbit: number
  readonly txMbit: number
  readonly rttMs: number | null
  readonly kind: 'quiet' | 'busy' | 'between'
}

/** From this share of the most that was seen lately a line is busy; below that one it is quiet. */
const busyShare = 0.5
const quietShare = 0.1
/** Less than this is no load on any line that takes payments (downwards, upwards). */
const leastBusyMbit = { rx: 1, tx: 0.5 }
/** The most that was seen counts for less as it grows old: half of it after a day. */
const halfLifeMs = 24 * 3_600_000
const windowMs = 60_000
const memoryMs = 3_600_000
/** One quiet reading may be luck. */
const leastQuiet = 3
/** Routers make their counters anew each few seconds; the same numbers again are an old reading, up to here. */
const staleMs = 45_000
/** A longer gap says nothing about a load within it. */
const longestMs = 120_000
const maxRoundTrips = 2_000
/** Counters are up to five seconds old and read each ten: that much more than the link carries may seem to have passed. */
const staleShare = 1.5
/** The most that a line of a shop carries, where the router tells no speed. */
const mostMbit = 10_000
/** A counter glitches once. So many readings in a row that contradict the told speed are right: tunnels and PPP tell a made-up one. */
const disbelievedAfter = 6

export function createLoadMeter(): LoadMeter {
  let last: TrafficReading | undefined
  let peak = { rx: 0, tx: 0, atMono: 0 }
  let trips: { readonly target: string; readonly rttMs: number; readonly atMono: MonotonicMs }[] = []
  let intervals: readonly Interval[] = []
  let dropped = 0
  let contradictions = 0
  let disbelievedMbit: number | null = null

  /** What the link carries at most, as far as it is known. */
  function carries(speedMbit: number | null): number {
    return speedMbit === null || speedMbit <= 0 || speedMbit === disbelievedMbit ? mostMbit : speedMbit
  }

  /** Whether so much can have passed. One impossible reading would be the most that was seen, for days. */
  function isPossible(mbit: number, speedMbit: number | null): boolean {
    if (mbit <= carries(speedMbit) * staleShare) {
      contradictions = 0
      return true
    }
    dropped++
    contradictions = mbit > mostMbit * staleShare ? 0 : contradictions + 1
    if (contradictions >= disbelievedAfter) disbelievedMbit = speedMbit
    return false
  }

  /** Of several targets the nearest tells: what the line adds, it adds to all of them. */
  function roundTripBetween(fromMono: MonotonicMs, untilMono: MonotonicMs): number | null {
    const rttsByTarget = new Map<string, number[]>()
    for (const { target, rttMs, atMono } of trips)
      if (atMono > fromMono && atMono <= untilMono)
        rttsByTarget.set(target, [...(rttsByTarget.get(target) ?? []), rttMs])
    const medians = [...rttsByTarget.values()].map(median)
    return medians.length === 0 ? null : Math.min(...medians)
  }

  function takePeak(rx: number, tx: number, atMono: MonotonicMs): void {
    const left = 0.5 ** ((atMono - peak.atMono) / halfLifeMs)
    peak = { rx: Math.max(rx, peak.rx * left), tx: Math.max(tx, peak.tx * left), atMono }
  }

  function kindOf(rx: number, tx: number): Interval['kind'] {
    const isBusy = (mbit: number, most: number, least: number) => mbit >= Math.max(busyShare * most, least)
    if (isBusy(rx, peak.rx, leastBusyMbit.rx) || isBusy(tx, peak.tx, leastBusyMbit.tx)) return 'busy'
    const isQuiet = (mbit: number, most: number, least: number) =>
      mbit <= Math.max(quietShare * most, quietShare * least)
    return isQuiet(rx, peak.rx, leastBusyMbit.rx) && isQuiet(tx, peak.tx, leastBusyMbit.tx)
      ? 'quiet'
      : 'between'
  }

  function describe(nowMono: MonotonicMs): LineLoad | undefined {
    const recent = intervals.filter(({ untilMono }) => nowMono - untilMono < windowMs)
    const busy = recent.filter(({ kind }) => kind === 'busy')
    if (busy.length === 0) return undefined
    const rttsOf = (list: readonly Interval[]) => list.flatMap(({ rttMs }) => rttMs ?? [])
    const quietRtts = rttsOf(intervals.filter(({ kind }) => kind === 'quiet'))
    const busyRtts = rttsOf(busy)
    const quietRttMs = quietRtts.length < leastQuiet ? null : median(quietRtts)
    const busyRttMs = busyRtts.length === 0 ? null : median(busyRtts)
    return {
      rxMbit: Math.max(...recent.map(({ rxMbit }) => rxMbit)),
      txMbit: Math.max(...recent.map(({ txMbit }) => txMbit)),
      quietRttMs,
      busyRttMs,
      addedRttMs:
        quietRttMs === null || busyRttMs === null ? null : Math.max(0, rounded(busyRttMs - quietRttMs)),
      busyRatio: rounded(busy.length / recent.length),
    }
  }

  return {
    roundTrip(target, rttMs, atMono) {
      trips.push({ target, rttMs, atMono })
      if (trips.length > maxRoundTrips) trips = trips.slice(-maxRoundTrips / 2)
    },
    traffic(reading) {
      const before = last
      if (before === undefined || before.source !== reading.source) {
        last = reading
        return undefined
      }
      const { atMono } = reading
      const tookMs = atMono - before.atMono
      const [rxBytes, txBytes] = [reading.rxBytes - before.rxBytes, reading.txBytes - before.txBytes]
      if (rxBytes === 0 && txBytes === 0 && tookMs < staleMs) return undefined
      last = reading
      // A restart, a counter that wrapped, a pause: nothing can be said about this time.
      if (rxBytes < 0 || txBytes < 0 || tookMs <= 0 || tookMs > longestMs) return undefined
      const mbit = (bytes: number) => rounded((bytes * 8) / 1_000 / tookMs)
      const [rxMbit, txMbit] = [mbit(rxBytes), mbit(txBytes)]
      if (!isPossible(Math.max(rxMbit, txMbit), reading.speedMbit)) return undefined
      const most = carries(reading.speedMbit)
      takePeak(Math.min(rxMbit, most), Math.min(txMbit, most), atMono)
      const rttMs = roundTripBetween(before.atMono, atMono)
      trips = trips.filter((trip) => trip.atMono > atMono)
      const kind = kindOf(rxMbit, txMbit)
      intervals = [...intervals, { untilMono: atMono, rxMbit, txMbit, rttMs, kind }].filter(
        ({ untilMono }) => atMono - untilMono < memoryMs,
      )
      return describe(atMono)
    },
    dropped: () => dropped,
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}

/** Two decimals, as all of the wire. */
const rounded = (value: number): number => Math.round(value * 100) / 100
