import type { EpochMs, FaultClass } from '@proactive/shared'
import { createRandom } from '../random.ts'
import { type Deed, faultOf } from './deeds.ts'
import { drawTraits, type Neighbourhood, type Traits } from './traits.ts'

/** A fault of many Locations: who shares it, and when. */
export interface Outage {
  readonly number: number
  readonly cause: Extract<FaultClass, 'provider-outage' | 'processor-outage' | 'region-outage'>
  /** What its Locations share. */
  readonly shared: Partial<Neighbourhood>
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  /** Share of those who might be hit that are. */
  readonly share: number
}

const minuteMs = 60_000
const dayMs = 86_400_000
/** Outages keep this far apart: a Location has one trouble at a time. */
const apartMs = 150 * minuteMs
/** Fewer Locations than this have no outages worth the name. */
const fewestLocations = 12

/** Draws a fleet's outages: each kind at least once, and about one a hundred Location-days. */
export function drawOutages(options: {
  readonly seed: string
  readonly startMs: EpochMs
  readonly days: number
  readonly locations: number
}): Outage[] {
  const { seed, startMs, days, locations } = options
  if (locations < fewestLocations || days < 1) return []
  const random = createRandom(`${seed}/outages`)
  const kinds = ['provider', 'hop', 'processor', 'region'] as const
  const room = Math.floor((days * dayMs - 3 * apartMs) / (2 * apartMs))
  const count = Math.min(room, Math.max(kinds.length, Math.round((locations * days) / 400)))
  const found: Outage[] = []
  const slotMs = (days * dayMs - 2 * apartMs) / Math.max(1, count)
  for (let number = 0; number < count; number++) {
    const fromMs = startMs + apartMs / 2 + number * slotMs + random.between(0, slotMs - apartMs)
    const lastsMs = Math.min(slotMs - apartMs / 2, random.logNormal(25, 0.6) * minuteMs, 90 * minuteMs)
    const kind = kinds[number % kinds.length] as (typeof kinds)[number]
    const home = drawTraits(
      createRandom(`${seed}/outages/${number}`),
      random.below(locations),
      locations,
    ).neighbourhood
    found.push({
      number,
      cause:
        kind === 'processor' ? 'processor-outage' : kind === 'region' ? 'region-outage' : 'provider-outage',
      shared:
        kind === 'provider'
          ? { provider: home.provider }
          : kind === 'hop'
            ? { provider: home.provider, hop: home.hop }
            : kind === 'processor'
              ? { processor: home.processor }
              : { town: home.town },
      fromMs,
      toMs: fromMs + Math.max(12 * minuteMs, lastsMs),
      share: kind === 'provider' ? random.between(0.5, 1) : random.between(0.85, 1),
    })
  }
  return found
}

/** The outages that hit a Location, and those of what it shares that leave it out; the same answer for everybody who asks. */
export function outagesOf(
  outages: readonly Outage[],
  seed: string,
  index: number,
  { neighbourhood }: Traits,
): { readonly outages: Outage[]; readonly spared: Outage[] } {
  const isAmong = ({ shared }: Outage) =>
    Object.entries(shared).every(([key, value]) => neighbourhood[key as keyof Neighbourhood] === value)
  const isHit = ({ number, share }: Outage) =>
    createRandom(`${seed}/outages/${number}/${index}`).happens(share)
  const near = outages.filter(isAmong)
  const hits = near.filter(isHit)
  return { outages: hits, spared: near.filter((outage) => !hits.includes(outage)) }
}

/** What an outage does to one Location. */
export function deedsOf({ cause }: Outage): { begin: Deed; end: Deed } {
  const fault =
    cause === 'processor-outage'
      ? faultOf('processor-down', 'silent')
      : cause === 'region-outage'
        ? faultOf('power-cut')
        : faultOf('wan-down', 'provider')
  return { begin: { kind: 'inject', fault }, end: { kind: 'heal', fault } }
}
