import type { EpochMs, FaultClass } from '@proactive/shared'
import { createRandom, type SeededRandom } from '../random.ts'
import { drawOutages, type Outage, outagesOf } from './outages.ts'
import { drawPlan, type PlannedFault } from './plan.ts'
import { type LocationTale, placed, sharedWith, type ToldIncident } from './run-fleet.ts'
import { drawTraits, minuteOf, type Traits } from './traits.ts'

export interface ImaginedOptions {
  readonly seed: string
  readonly startMs: EpochMs
  readonly days: number
  readonly locations: number
  readonly faultsPerDay: number
}

type Trouble = 'dark' | 'wan' | 'processor'

/** What a Location's own core says of its connection and its payment path for each cause; whatever else it says concerns nobody else. */
const darkening: ReadonlySet<FaultClass> = new Set([
  'router-down',
  'wan-link-down',
  'provider-down',
  'power-cut',
  'appliance-cable',
  'appliance-down',
  'cloud-unreachable',
  'provider-outage',
  'region-outage',
])
const ofItsLine: ReadonlySet<FaultClass> = new Set(['wan-link-down', 'provider-down', 'provider-outage'])
/** A second way out is of no use without power, without the agent, or where the cloud's own door is shut. */
const dousing: ReadonlySet<FaultClass> = new Set([
  'power-cut',
  'region-outage',
  'appliance-down',
  'cloud-unreachable',
])
const second = 1_000

/**
 * A fleet's tales as its Locations would tell them, by their plans and the delays measured in real runs, without running any of them: thousands of fleets
 * for the reducer over all Locations in the time of one. What a Location's own core gets wrong is not in here.
 */
export function imagineTales(options: ImaginedOptions): { tales: LocationTale[]; outages: Outage[] } {
  const outages = drawOutages(options)
  const tales = Array.from({ length: options.locations }, (_, index) => imagineTale(options, index, outages))
  return { tales, outages }
}

function imagineTale(options: ImaginedOptions, index: number, outages: readonly Outage[]): LocationTale {
  const { locations, startMs, days } = options
  const seed = `${options.seed}/${index}`
  const traits = drawTraits(createRandom(`${seed}/traits`), index, locations)
  const plan = drawPlan({
    ...options,
    traits,
    index,
    random: createRandom(`${seed}/plan`),
    ...outagesOf(outages, options.seed, index, traits),
  })
  const random = createRandom(`${seed}/imagined`)
  const { hasBackupUplink } = traits
  const signals: { atMs: EpochMs; signal: LocationTale['signals'][number]['signal'] }[] = []
  const incidents: ToldIncident[] = []
  const say = (
    atMs: EpochMs,
    kind: Trouble | null,
    sinceMs = atMs,
    isDue = false,
    hindsight?: FaultClass,
  ) => {
    const subject = kind === 'processor' ? 'Card processor' : ''
    const bare = {
      locationId: '',
      name: '',
      timeZone: 'UTC',
      region: null,
      address: null,
      firstHop: '100.64.0.1',
      processors: ['Card processor'],
      trouble: kind === null ? null : { kind, subject, sinceMs, isDue },
      ...(hasBackupUplink ? { hasSecondWayOut: true } : {}),
      ...(hindsight === undefined ? {} : { hindsight }),
    }
    signals.push({ atMs, signal: placed({ ...bare, ...sharedWith(traits, index) }, traits, index) })
  }
  say(startMs + random.between(1, 60) * second, null)
  for (const fault of plan.faults) incidents.push(...live(fault, traits, random, say))
  for (const { kind, fromMs, toMs } of plan.nuisances) {
    if (kind !== 'nightly-reboot' || hasBackupUplink) continue
    const atMs = fromMs + random.between(0.2, 22) * second
    if (atMs >= toMs) continue
    say(atMs, 'dark')
    say(toMs + second, null)
  }
  return {
    index,
    days,
    hasBackupUplink,
    hasRawArp: traits.hasRawArp,
    faults: plan.faults,
    nuisances: {},
    incidents,
    signals: signals.sort((a, b) => a.atMs - b.atMs),
    openedAtMs: [],
    observations: 0,
    payloadBytes: 0,
    stateBytes: 0,
  }
}

/** What is told of one fault. Those that concern nobody else are simply told. */
function live(
  { cause, right, fromMs, toMs }: PlannedFault,
  { hasBackupUplink, hours }: Traits,
  random: SeededRandom,
  say: (
    atMs: EpochMs,
    kind: Trouble | null,
    sinceMs?: EpochMs,
    isDue?: boolean,
    hindsight?: FaultClass,
  ) => void,
): ToldIncident[] {
  const own = right[0] ?? cause
  const isOpen =
    hours === undefined || (minuteOf(fromMs) >= hours.fromMinute && minuteOf(fromMs) < hours.toMinute)
  /** Closed, everything must stand for five minutes. */
  const dueAfter = (seconds: number) => (isOpen ? seconds : 300) * second
  const told = (openedAtMs: EpochMs, endedAtMs: EpochMs, causes: ToldIncident['causes']): ToldIncident[] => [
    { openedAtMs, endedAtMs, faultClass: own, headline: own, isHeld: false, causes },
  ]
  if (cause === 'processor-outage' || cause === 'payment-path-failing') {
    const atMs = fromMs + random.between(19, 26) * second
    const overMs = toMs + random.between(2, 14) * second
    const dueMs = Math.min(atMs + dueAfter(10), overMs - second)
    say(atMs, 'processor')
    say(dueMs, 'processor', atMs, true)
    say(overMs, null)
    return told(dueMs, overMs + 5 * second, [{ atMs: dueMs, faultClass: own }])
  }
  const isDark = darkening.has(cause) && !(hasBackupUplink && !dousing.has(cause))
  if (isDark) {
    const atMs = fromMs + random.between(8, 22.5) * second
    const backMs = toMs + (ofItsLine.has(cause) ? random.between(1, 6) : random.between(24, 110)) * second
    // At the opening of the shop the wait is over early.
    const dueMs = Math.min(atMs + dueAfter(32), backMs - second)
    const knownMs = backMs + random.between(0.1, 5) * second
    say(atMs, 'dark')
    say(dueMs, 'dark', atMs, true)
    say(backMs, null)
    say(knownMs, null, undefined, false, own)
    return told(dueMs, knownMs + second, [
      { atMs: dueMs, faultClass: 'location-dark' },
      { atMs: knownMs, faultClass: own },
    ])
  }
  const atMs = fromMs + random.between(7.8, 9.7) * second
  if (ofItsLine.has(cause)) {
    const overMs = toMs + random.between(1.5, 5) * second
    const dueMs = Math.min(atMs + dueAfter(2), overMs - second)
    // The connection broke before it was known why.
    if (random.happens(0.1)) {
      say(fromMs + 300, 'dark')
      say(fromMs + 5 * second, null)
    }
    say(atMs, 'wan')
    say(dueMs, 'wan', atMs, true)
    say(overMs, null)
    return told(dueMs, overMs + 5 * second, [{ atMs: dueMs, faultClass: own }])
  }
  return told(atMs, toMs + 5 * second, [{ atMs, faultClass: own }])
}
