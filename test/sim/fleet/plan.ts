import type { EpochMs, FaultClass } from '@proactive/shared'
import { accountsFor } from '../../../ingest/src/faults/fleet/cover.ts'
import { faultSlot } from '../../lab/faults.ts'
import type { SeededRandom } from '../random.ts'
import { type CauseDraw, causeTable, type FaultDeeds } from './causes.ts'
import type { Deed } from './deeds.ts'
import { drawNoise, type Nuisance } from './noise.ts'
import { deedsOf, type Outage } from './outages.ts'
import { isTrading, minuteOf, type Traits } from './traits.ts'

/** A real fault of the plan, with what is true about it. */
export interface PlannedFault {
  readonly cause: FaultClass
  /** Causes that are right for the Location's own incident. */
  readonly right: readonly FaultClass[]
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  /** The shop was open, or about to open, from beginning to end. */
  readonly isTrading: boolean
  /** Why nobody could see it; null where silence about it is a miss. */
  readonly unseen: string | null
  /** Number of the outage it is part of. */
  readonly outage: number | null
}

/** Something that is done to a Location at a moment. */
export interface PlannedAct {
  readonly atMs: EpochMs
  readonly deed: Deed
}

export interface Plan {
  readonly faults: readonly PlannedFault[]
  readonly nuisances: readonly Nuisance[]
  /** In the order of their times: faults and harmless noise together. */
  readonly acts: readonly PlannedAct[]
}

export interface PlanOptions {
  readonly traits: Traits
  readonly random: SeededRandom
  /** Midnight at which the first day begins. */
  readonly startMs: EpochMs
  readonly days: number
  /** Real faults of its own a day, on average. */
  readonly faultsPerDay: number
  readonly index: number
  readonly locations: number
  /** The outages that hit it. */
  readonly outages: readonly Outage[]
  /** Outages of what it shares with others that leave it out. */
  readonly spared?: readonly Outage[]
}

const minuteMs = 60_000
const dayMs = 86_400_000
/** Faults keep this far apart, so that each incident belongs to one of them. */
const apartMs = 40 * minuteMs
/** Noise that would end a fault, or be taken for one, stays this far from it. */
const clearMs = 20 * minuteMs
/** Room at both ends: first to get to know the Location, then to explain and close. */
const lead = { startMs: 45 * minuteMs, endMs: 40 * minuteMs }
const triesToPlace = 80
/** An own fault of the kind that an outage makes keeps so far from one that left the Location out: inside it nobody could say whose it is. */
const alikeApartMs = 10 * minuteMs

/** How long after its end a fault's last deeds are done. */
const afterMs = 2 * minuteMs

interface Placed extends PlannedFault, FaultDeeds {}

/** Draws the faults and the noise of one Location. Pure apart from the random source. */
export function drawPlan(options: PlanOptions): Plan {
  const { traits, random, startMs, days } = options
  const faults = drawFaults(options)
  const nuisances: Nuisance[] = []
  for (let day = 0; day < days; day++) {
    for (const nuisance of drawNoise(traits, random, startMs + day * dayMs)) {
      const slots = slotsOf([nuisance.begin])
      const inTheWay = faults.some(
        ({ fromMs, toMs, begin }) =>
          fromMs - clearMs < nuisance.toMs &&
          toMs + clearMs > nuisance.fromMs &&
          (nuisance.isAlone === true || slotsOf(begin).some((slot) => slots.includes(slot))),
      )
      if (inTheWay || wouldHide(nuisance, faults)) continue
      if (nuisance.fromMs >= startMs + lead.startMs / 3) nuisances.push(nuisance)
    }
  }
  const acts: PlannedAct[] = [
    ...faults.flatMap(({ fromMs, toMs, begin, end, after = [] }) => [
      ...begin.map((deed) => ({ atMs: fromMs, deed })),
      ...end.map((deed) => ({ atMs: toMs, deed })),
      ...after.map((deed) => ({ atMs: toMs + afterMs, deed })),
    ]),
    ...nuisances.flatMap(({ fromMs, toMs, begin, end }) => [
      { atMs: fromMs, deed: begin },
      ...(end === undefined ? [] : [{ atMs: toMs, deed: end }]),
    ]),
  ]
  const endMs = startMs + days * dayMs
  return {
    faults,
    nuisances,
    acts: acts.filter(({ atMs }) => atMs < endMs).sort((a, b) => a.atMs - b.atMs),
  }
}

function drawFaults(options: PlanOptions): Placed[] {
  const { random, days, faultsPerDay, index, locations, outages } = options
  const faults: Placed[] = outages.map((outage) => {
    const { begin, end } = deedsOf(outage)
    const { cause, fromMs, toMs, number } = outage
    return {
      cause,
      right: ownCausesOf(cause),
      fromMs,
      toMs,
      isTrading: isDuringTrade(options.traits, fromMs, toMs),
      unseen: null,
      outage: number,
      begin: [begin],
      end: [end],
    }
  })
  // Every cause comes about somewhere, however small the fleet.
  const forced = Math.ceil(causeTable.length / locations)
  const drawn = Math.max(forced, poisson(random, faultsPerDay * days))
  for (let number = 0; number < drawn; number++) {
    const entry =
      number < forced
        ? causeTable[(index + number * locations) % causeTable.length]
        : pickWeighted(causeTable, random)
    const placed = entry === undefined ? null : place(options, entry, faults)
    if (placed !== null) faults.push(placed)
  }
  return faults.sort((a, b) => a.fromMs - b.fromMs)
}

/** A device that moves to another address is no party to a conflict over its old one. */
function wouldHide({ begin }: Nuisance, faults: readonly Placed[]): boolean {
  return (
    begin.kind === 'renumber' &&
    faults.some((fault) =>
      fault.begin.some(
        (deed) =>
          'fault' in deed && deed.fault.name === 'ip-conflict' && deed.fault.argument === begin.device,
      ),
    )
  )
}

function slotsOf(deeds: readonly Deed[]): string[] {
  return deeds.flatMap((deed) => ('fault' in deed ? [faultSlot(deed.fault)] : []))
}

/** What the Location itself would say of its part of an outage. */
function ownCausesOf(cause: Outage['cause']): readonly FaultClass[] {
  if (cause === 'processor-outage') return ['payment-path-failing']
  return cause === 'region-outage' ? ['power-cut', 'location-dark'] : ['provider-down', 'location-dark']
}

function place(options: PlanOptions, entry: CauseDraw, others: readonly Placed[]): Placed | null {
  const { traits, random, startMs, days, spared = [] } = options
  const [least, median, most] = entry.minutes
  const deeds = entry.deeds(random)
  const crash = deeds.begin.find((deed) => deed.kind === 'agent-crash')
  for (let tries = 0; tries < triesToPlace; tries++) {
    const wantedMs = Math.min(most, Math.max(least, random.logNormal(median, 0.7))) * minuteMs
    const fromMs = startMs + random.between(lead.startMs, days * dayMs - lead.endMs - wantedMs)
    const isOpen = isDuringTrade(traits, fromMs, fromMs + wantedMs)
    if (entry.isFeltInTradeOnly === true && !isOpen) continue
    // Closed, a fault must last: whoever opens something after five minutes is early enough.
    const lastsMs =
      crash?.kind === 'agent-crash' ? crash.downMs : isOpen ? wantedMs : Math.max(wantedMs, 14 * minuteMs)
    const toMs = fromMs + lastsMs
    const isFree = others.every((other) => toMs + apartMs < other.fromMs || fromMs - apartMs > other.toMs)
    const isAlike = spared.some(
      (outage) =>
        accountsFor(outage.cause, entry.cause) &&
        toMs + alikeApartMs > outage.fromMs &&
        fromMs - alikeApartMs < outage.toMs,
    )
    if (!isFree || isAlike || toMs > startMs + days * dayMs - lead.endMs) continue
    return {
      cause: entry.cause,
      right: [entry.cause],
      fromMs,
      toMs,
      isTrading: isOpen,
      unseen: entry.isSeen?.(traits) ?? null,
      outage: null,
      ...deeds,
    }
  }
  return null
}

function isDuringTrade(traits: Traits, fromMs: EpochMs, toMs: EpochMs): boolean {
  return [fromMs, (fromMs + toMs) / 2, toMs + 2 * minuteMs].every((atMs) => isTrading(traits, minuteOf(atMs)))
}

/** How many of something that has no memory happen (Knuth). */
function poisson(random: SeededRandom, mean: number): number {
  const limit = Math.exp(-mean)
  let count = 0
  let product = random.next()
  while (product > limit && count < 1_000) {
    count++
    product *= random.next()
  }
  return count
}

function pickWeighted(table: readonly CauseDraw[], random: SeededRandom): CauseDraw {
  const total = table.reduce((sum, { weight }) => sum + weight, 0)
  let dice = random.between(0, total)
  for (const entry of table) {
    dice -= entry.weight
    if (dice < 0) return entry
  }
  return random.pick(table)
}
