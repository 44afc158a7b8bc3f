import type { EpochMs } from '@proactive/shared'
import { type Fault, faultSlot, parseFault } from '../../lab/faults.ts'
import type { SeededRandom } from '../random.ts'
import { drawNoise } from './noise.ts'
import { isTrading, minuteOf, type Traits } from './traits.ts'
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
/** Noise that would end a fault, or be taken for one, stays this far from it. */
const clearMs = 20 * minuteMs
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
  const { traits, random, startMs, days } = options
  const faults = drawFaults(options)
  const acts: PlannedAct[] = faults.flatMap(({ fault, fromMs, toMs }) => actsOf(fault, fromMs, toMs))
  for (let day = 0; day < days; day++) {
    const noise = drawNoise(traits, random, startMs + day * dayMs)
    acts.push(...noise.acts)
    for (const { fault, fromMs, toMs, isAlone } of noise.spells) {
      const inTheWay = faults.some(
        (planned) =>
          (isAlone || faultSlot(planned.fault) === faultSlot(fault)) &&
          planned.fromMs - clearMs < toMs &&
          planned.toMs + clearMs > fromMs,
      )
      if (!inTheWay) acts.push(...actsOf(fault, fromMs, toMs))
    }
  }
  const firstMs = startMs + lead.startMs / 2
  const endMs = startMs + days * dayMs
  return {
    days,
    faults,
    acts: acts.filter(({ atMs }) => atMs >= firstMs && atMs < endMs).sort((a, b) => a.atMs - b.atMs),
  }
}

function actsOf(fault: Fault, fromMs: EpochMs, toMs: EpochMs): PlannedAct[] {
  return [
    { atMs: fromMs, kind: 'inject', fault },
    // What passes by itself is not healed; by then it may be over.
    ...(isPassing(fault) ? [] : [{ atMs: toMs, kind: 'heal', fault } as const]),
  ]
}

function isPassing({ name }: Fault): boolean {
  return name === 'router-reboot' || name === 'pos-restart'
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
