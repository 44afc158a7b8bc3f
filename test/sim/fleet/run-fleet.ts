import { createLocationRun, type LocationRun, type LocationRunOptions } from '../location-run.ts'
import { turn } from '../manual-scheduler.ts'
import { createRandom } from '../random.ts'
import { drawPlan, type Plan, type PlannedAct } from './plan.ts'
import { addTally, emptyTally, score, type Tally } from './score.ts'
import { drawTraits, type Traits } from './traits.ts'

export interface FleetOptions {
  readonly seed: string
  readonly days: number
  readonly faultsPerDay: number
  readonly telemetrySeconds: number
}

/** Monday, 2026-11-16, 00:00 UTC. */
export const fleetStartMs = Date.UTC(2026, 10, 16)
const dayMs = 86_400_000
/** How long after its end a fault may still be told of. */
const settleMs = 40 * 60_000
/** Locations that go side by side: each turn of the event loop serves them all. */
const abreast = 24
/** Tasks between two looks at the clock and at the caller's signal. */
const tasksPerLook = 2_000

interface Walker {
  readonly index: number
  readonly run: LocationRun
  readonly plan: Plan
  readonly endMono: number
  toldDays: number
}

/**
 * Runs Locations by their numbers, each for all its days, through both cores. The figures depend on seed and numbers only, not on how the
 * numbers are dealt out. Stops early, with what was seen until then, when the signal aborts.
 */
export async function runFleet(
  options: FleetOptions & {
    readonly indexes: readonly number[]
    readonly onDays: (days: number) => void
    readonly signal: AbortSignal
  },
): Promise<Tally> {
  const { indexes, days, onDays, signal } = options
  const tally = emptyTally()
  const waiting = [...indexes]
  const walkers: Walker[] = []
  let tasks = 0
  while (waiting.length > 0 || walkers.length > 0) {
    while (walkers.length < abreast && waiting.length > 0 && !signal.aborted) {
      walkers.push(createWalker(options, waiting.shift() as number))
    }
    for (let place = walkers.length - 1; place >= 0; place--) {
      const walker = walkers[place] as Walker
      if (walker.run.scheduler.nextAtMono() < walker.endMono) {
        walker.run.scheduler.step()
        continue
      }
      walkers.splice(place, 1)
      addTally(tally, finish(walker, days))
      onDays(days - walker.toldDays)
    }
    await turn()
    tasks += walkers.length
    if (tasks < tasksPerLook) continue
    tasks = 0
    for (const walker of walkers) tellDays(walker, onDays)
    if (signal.aborted) break
  }
  // Whoever is under way counts for the time it has behind it.
  for (const walker of walkers) {
    const passedMs = walker.run.scheduler.monotonicMs() - settleMs
    if (passedMs > 0) addTally(tally, finish(walker, passedMs / dayMs))
  }
  return tally
}

function tellDays(walker: Walker, onDays: (days: number) => void): void {
  walker.run.check()
  const days = walker.run.scheduler.monotonicMs() / dayMs
  onDays(days - walker.toldDays)
  walker.toldDays = days
}

/** One Location of the fleet with everything that is going to happen to it; nothing has run yet. */
export function createFleetLocation(
  options: FleetOptions,
  index: number,
  more: Partial<LocationRunOptions> = {},
): { readonly run: LocationRun; readonly plan: Plan; readonly traits: Traits } {
  const seed = `${options.seed}/${index}`
  const traits = drawTraits(createRandom(`${seed}/traits`))
  const plan = drawPlan({
    traits,
    random: createRandom(`${seed}/plan`),
    startMs: fleetStartMs,
    days: options.days,
    faultsPerDay: options.faultsPerDay,
  })
  const run = createLocationRun({
    seed,
    startMs: fleetStartMs,
    hasBackupUplink: traits.hasBackupUplink,
    calendar: traits.calendar,
    timeZone: 'UTC',
    quality: traits.quality,
    timing: traits.timing,
    hasRawArp: traits.hasRawArp,
    bootMs: 25_000,
    telemetrySeconds: options.telemetrySeconds,
    keepsJournal: false,
    ...more,
  })
  for (const act of plan.acts) run.scheduler.after(act.atMs - fleetStartMs, () => carryOut(run, act))
  return { run, plan, traits }
}

function createWalker(options: FleetOptions, index: number): Walker {
  const { run, plan } = createFleetLocation(options, index)
  run.begin()
  return { index, run, plan, endMono: options.days * dayMs, toldDays: 0 }
}

function carryOut(run: LocationRun, act: PlannedAct): void {
  switch (act.kind) {
    case 'inject':
    case 'heal':
      // Noise may meet a fault of its own kind: then there is nothing to heal any more, and that is fine.
      void run.location.faults[act.kind](
        act.fault.name,
        act.fault.argument === '' ? [] : [act.fault.argument],
      )
      return
    case 'cloud-restart':
      run.cloud.restart(8_000)
      return
    case 'agent-update':
      run.appliance.restartAgent(6_000)
      return
    case 'agent-crash':
      run.appliance.killAgent()
  }
}

/** Whether an incident lies before the cut, and belongs to no fault that is cut off. */
function isOf({ faults }: Plan, openedAtMs: number, untilMs: number): boolean {
  const isCutOff = faults.some(({ fromMs, toMs }) => toMs > untilMs && openedAtMs >= fromMs - 1_000)
  return openedAtMs <= untilMs && !isCutOff
}

function finish({ index, run, plan }: Walker, days: number): Tally {
  run.check()
  const tally = emptyTally()
  tally.locationDays = days
  tally.records = run.ingest.figures.records
  tally.repeats = run.ingest.figures.repeats
  tally.payloadBytes = run.ingest.figures.payloadBytes
  // A fault at the very end has not had its time; neither have its incidents.
  const untilMs = fleetStartMs + days * dayMs
  score(tally, {
    location: index,
    startMs: fleetStartMs,
    faults: plan.faults.filter(({ toMs }) => toMs <= untilMs),
    incidents: run.incidents().filter(({ openedAtMs }) => isOf(plan, openedAtMs, untilMs)),
  })
  return tally
}
