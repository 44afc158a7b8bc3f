import type { EpochMs } from '@proactive/shared'
import type { LocationConfig } from '../../../ingest/src/faults/index.ts'
import type { SeededRandom } from '../random.ts'
import type { LocationTiming } from '../virtual-location.ts'
import type { LinkQuality } from '../virtual-paths.ts'

type Calendar = LocationConfig['calendar']

/** What one shop of the fleet is like; drawn once, true for all its days. */
export interface Traits {
  readonly hasBackupUplink: boolean
  /** Undefined = open around the clock. */
  readonly hours: OpeningHours | undefined
  readonly calendar: Calendar
  /** When nothing disturbs them: links lose nothing. Bursts are in the plan. */
  readonly quality: LinkQuality
  readonly timing: LocationTiming
  readonly hasRawArp: boolean
  /** Minute of the day at which the router restarts by itself; undefined = it does not. */
  readonly nightlyRebootMinute: number | undefined
  /** Minute of the day at which terminals restart for maintenance (as Verifone's P400 does). */
  readonly nightlyTerminalRestartMinute: number | undefined
  /** Whether staff switch the countertop terminals off after closing. */
  readonly switchesTerminalsOff: boolean
  /** Guests' phones a day; moves of devices from port to port a day. */
  readonly guestsPerDay: number
  readonly roamsPerDay: number
  /** Moments a day in which the line carries nothing. */
  readonly blipsPerDay: number
  /** Bursts a day in which the line or the LAN loses packets. */
  readonly burstsPerDay: number
  /** Naps a day of the terminal that sleeps when idle. */
  readonly napsPerDay: number
  readonly neighbourhood: Neighbourhood
}

/** What a Location shares with others. */
export interface Neighbourhood {
  /** Number of its provider, of the provider's router it hangs on, of its town, and of its processor. */
  readonly provider: number
  readonly hop: number
  readonly town: number
  readonly processor: number
}

/** Minutes of the day in the shop's own time (UTC here: no summer time to trip over). */
export interface OpeningHours {
  readonly fromMinute: number
  readonly toMinute: number
}

export function drawTraits(random: SeededRandom, index: number, locations: number): Traits {
  const hours = random.happens(0.15)
    ? undefined
    : random.pick<OpeningHours>([
        { fromMinute: 8 * 60, toMinute: 20 * 60 },
        { fromMinute: 9 * 60, toMinute: 18 * 60 + 30 },
        { fromMinute: 11 * 60, toMinute: 23 * 60 + 30 },
        { fromMinute: 6 * 60, toMinute: 22 * 60 },
      ])
  return {
    hasBackupUplink: random.happens(0.4),
    hours,
    calendar: { openings: hours === undefined ? [] : openingsOf(hours), holidays: [] },
    quality: {
      lanLossRatio: 0,
      wanLossRatio: 0,
      backupLossRatio: 0,
      lanMs: random.between(0.2, 2),
      wanMs: random.between(5, 40),
      backupMs: random.between(30, 120),
    },
    timing: {
      rebootMs: random.between(40_000, 110_000),
      // Longer ones, as terminals do at night, are in the plan's noise.
      restartMs: random.between(4_000, 9_000),
      roamMs: random.between(500, 4_000),
      lineTrainingMs: random.between(0, 40_000),
    },
    hasRawArp: random.happens(0.97),
    nightlyRebootMinute: hours !== undefined && random.happens(0.6) ? nightMinute(random, hours) : undefined,
    nightlyTerminalRestartMinute:
      hours !== undefined && random.happens(0.5) ? nightMinute(random, hours) : undefined,
    switchesTerminalsOff: hours !== undefined && random.happens(0.25),
    guestsPerDay: 2 + random.below(4),
    roamsPerDay: 1 + random.below(3),
    blipsPerDay: 1 + random.below(3),
    burstsPerDay: 3 + random.below(4),
    napsPerDay: 4 + random.below(5),
    neighbourhood: neighbourhoodOf(index, locations),
  }
}

/** Dealt out evenly: about 60 Locations a provider, a dozen a router of it, 15 a town, three processors. */
function neighbourhoodOf(index: number, locations: number): Neighbourhood {
  const providers = Math.max(1, Math.round(locations / 60))
  const towns = Math.max(1, Math.round(locations / 15))
  const provider = index % providers
  return {
    provider,
    hop: Math.floor(index / providers / 12),
    // Neighbours in a town have several providers.
    town: Math.floor(index / Math.max(1, Math.ceil(locations / towns))),
    processor: Math.floor(index / 3) % 3,
  }
}

/** Well after closing and well before the opening check. */
function nightMinute(random: SeededRandom, { fromMinute, toMinute }: OpeningHours): number {
  const nightMinutes = 1_440 - toMinute + fromMinute
  return (toMinute + 40 + random.below(nightMinutes - 130)) % 1_440
}

function openingsOf({ fromMinute, toMinute }: OpeningHours): Calendar['openings'] {
  return [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
    weekday,
    from: clock(fromMinute),
    to: clock(toMinute),
  }))
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** Whether the shop is open, or will be within the half hour in which terminals are checked. */
export function isTrading({ hours }: Pick<Traits, 'hours'>, minuteOfDay: number): boolean {
  if (hours === undefined) return true
  return minuteOfDay >= hours.fromMinute - 30 && minuteOfDay < hours.toMinute
}

/** Minute of the day, in the shop's own time. */
export function minuteOf(atMs: EpochMs): number {
  return Math.floor((atMs % 86_400_000) / 60_000)
}
