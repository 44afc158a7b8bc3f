import type { EpochMs } from '@proactive/shared'
import { type Fault, parseFault } from '../../lab/faults.ts'
import type { SeededRandom } from '../random.ts'
import { isTrading, type Traits } from './traits.ts'
import { type Truth, truthOf } from './truth.ts'

/** A real fault of the plan, with what is true about it. */
export interface PlannedFault {
  readonly fault: Fault
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  /** The shop was open, or about to open, from beginning to end. */
  readonly isTrading: boolean
  readonly truth: Truth
}

/** Something that is done to a Location at a moment. */
export type PlannedAct =
  | { readonly atMs: EpochMs; readonly kind: 'inject' | 'heal'; readonly fault: Fault }
  | { readonly atMs: EpochMs; readonly kind: 'cloud-restart' | 'agent-update' | 'agent-crash' }

export interface Plan {
  readonly days: number
  readonly faults: readonly PlannedFault[]
  /** In the order of their times: faults and harmless noise together. */
  readonly acts: readonly PlannedAct[]
}

export interface PlanOptions {
  readonly traits: Traits
  readonly random: SeededRandom
  /** Midnight at which the first day begins. */
  readonly startMs: EpochMs
  readonly days: number
  /** Real faults a day, on average. */
  readonly faultsPerDay: number
}

const minuteMs = 60_000
const dayMs = 86_400_000
/** Faults keep this far apart, so that each incident belongs to one of them. */
const apartMs = 40 * minuteMs
const shortestMs = 4 * minuteMs
const longestMs = 3 * 60 * minuteMs
/** Room at both ends: first to get to know the Location, then to explain and close. */
const lead = { startMs: 30 * minuteMs, endMs: 40 * minuteMs }

type Weighted = readonly [weight: number, name: string, ...args: string[]]

/** What breaks how often, roughly as shops tell it; rare faults often enough to be judged. */
const faultTable: readonly Weighted[] = [
  [14, 'router-down'],
  [6, 'router-reboot'],
  [8, 'wan-down', 'link'],
  [10, 'wan-down', 'provider'],
  [5, 'wan-loss', '12'],
  [4, 'wan-loss', '25'],
  [8, 'dns-down'],
  [4, 'dhcp-down'],
  [8, 'switch-down'],
  [12, 'pos-down', 'pos-1'],
  [12, 'pos-down', 'pos-2'],
  [6, 'processor-down', 'silent'],
  [4, 'processor-down', 'refused'],
  [4, 'processor-down', 'tls'],
  [8, 'power-cut'],
  [4, 'appliance-cable'],
  [3, 'ip-conflict', 'pos-1'],
  [3, 'ip-conflict', 'pos-2'],
  [2, 'ip-conflict', 'office-1'],
]

/** Draws the faults and the noise of one Location. Pure apart from the random source. */
export function drawPlan(options: PlanOptions): Plan {
  const faults = drawFaults(options)
  const acts: PlannedAct[] = faults.flatMap(({ fault, fromMs, toMs }) => [
    { atMs: fromMs, kind: 'inject', fault },
    // What passes by itself is not healed; by then it may be over.
    ...(fault.name === 'router-reboot' ? [] : [{ atMs: toMs, kind: 'heal', fault } as const]),
  ])
  for (let day = 0; day < options.days; day++) acts.push(...drawNoise(options, options.startMs + day * dayMs))
  const firstMs = options.startMs + lead.startMs / 2
  const endMs = options.startMs + options.days * dayMs
  return {
    days: options.days,
    faults,
    acts: acts.filter(({ atMs }) => atMs >= firstMs && atMs < endMs).sort((a, b) => a.atMs - b.atMs),
  }
}

function drawFaults({ traits, random, startMs, days, faultsPerDay }: PlanOptions): PlannedFault[] {
  const endMs = startMs + days * dayMs - lead.endMs
  const faults: PlannedFault[] = []
  let atMs = startMs + lead.startMs
  for (;;) {
    // Exponential gaps: faults have no memory.
    atMs += apartMs - Math.log(1 - random.next()) * (dayMs / Math.max(0.01, faultsPerDay) - apartMs)
    const durationMs = Math.min(longestMs, Math.max(shortestMs, random.logNormal(10 * minuteMs, 0.8)))
    if (atMs + durationMs > endMs) return faults
    const [, name, ...args] = pickWeighted(faultTable, random)
    const parsed = parseFault(name, args)
    if (!parsed.ok) throw new Error(parsed.reason)
    const lastsMs = name === 'router-reboot' ? traits.timing.rebootMs : durationMs
    const isDuringTrade = isTrading(traits, minuteOf(atMs)) && isTrading(traits, minuteOf(atMs + lastsMs))
    faults.push({
      fault: parsed.fault,
      fromMs: atMs,
      toMs: atMs + lastsMs,
      isTrading: isDuringTrade,
      truth: truthOf(parsed.fault, {
        durationMs: lastsMs,
        isTrading: isDuringTrade,
        hasRawArp: traits.hasRawArp,
      }),
    })
    atMs += lastsMs
  }
}

function pickWeighted(table: readonly Weighted[], random: SeededRandom): Weighted {
  let dice = random.between(
    0,
    table.reduce((sum, [weight]) => sum + weight, 0),
  )
  for (const entry of table) {
    dice -= entry[0]
    if (dice < 0) return entry
  }
  return random.pick(table)
}

function minuteOf(atMs: EpochMs): number {
  return Math.floor((atMs % dayMs) / minuteMs)
}

const passing = (name: string, ...args: string[]): Fault => {
  const parsed = parseFault(name, args)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.fault
}

/** What happens on any day without anything being broken. */
function drawNoise({ traits, random }: PlanOptions, midnightMs: EpochMs): PlannedAct[] {
  const acts: PlannedAct[] = []
  const between = (fromMinute: number, toMinute: number) =>
    midnightMs + random.between(fromMinute, toMinute) * minuteMs
  const during = (fault: Fault, fromMs: EpochMs, lastsMs: number) =>
    acts.push({ atMs: fromMs, kind: 'inject', fault }, { atMs: fromMs + lastsMs, kind: 'heal', fault })

  if (traits.nightlyRebootMinute !== undefined) {
    const atMs = midnightMs + traits.nightlyRebootMinute * minuteMs + random.between(0, minuteMs)
    acts.push({ atMs, kind: 'inject', fault: passing('router-reboot') })
  }
  if (traits.nightlyTerminalRestartMinute !== undefined) {
    const atMs = midnightMs + traits.nightlyTerminalRestartMinute * minuteMs
    for (const terminal of ['pos-1', 'pos-2']) {
      during(
        passing('pos-down', terminal),
        atMs + random.between(0, 120_000),
        random.between(20_000, 180_000),
      )
    }
  }
  if (traits.switchesTerminalsOff && traits.hours !== undefined) {
    const { fromMinute, toMinute } = traits.hours
    for (const terminal of ['pos-1', 'pos-2']) {
      const offMs = between(toMinute + 5, toMinute + 20)
      const onMs = midnightMs + dayMs + (fromMinute - 45 + random.between(0, 10)) * minuteMs
      during(passing('pos-down', terminal), offMs, onMs - offMs)
    }
  }
  for (let guest = 1; guest <= Math.min(9, traits.guestsPerDay); guest++) {
    during(passing('new-device', `new-${guest}`), between(60, 1_200), random.between(5, 120) * minuteMs)
  }
  for (let move = 0; move < traits.roamsPerDay; move++) {
    const device = random.pick(['pos-1', 'pos-3', 'printer-1', 'office-1'])
    during(passing('roam', device), between(30, 1_380), random.between(2, 45) * minuteMs)
  }
  if (random.happens(0.3)) {
    acts.push({
      atMs: between(30, 1_400),
      kind: 'inject',
      fault: passing('pos-restart', random.pick(['pos-1', 'pos-2'])),
    })
  }
  let awakeMs = midnightMs + random.between(0, 10) * minuteMs
  while (awakeMs < midnightMs + dayMs) {
    const isOpen = isTrading(traits, minuteOf(awakeMs))
    const sleepMs = random.logNormal(isOpen ? 12 * minuteMs : 90 * minuteMs, 0.7)
    during(passing('pos-sleep', 'pos-3'), awakeMs, sleepMs)
    awakeMs += sleepMs + random.logNormal(2 * minuteMs, 0.5)
  }
  if (random.happens(1 / 7)) acts.push({ atMs: between(0, 1_440), kind: 'cloud-restart' })
  if (random.happens(1 / 14)) acts.push({ atMs: between(0, 1_440), kind: 'agent-update' })
  if (random.happens(1 / 30)) acts.push({ atMs: between(0, 1_440), kind: 'agent-crash' })
  return acts
}
