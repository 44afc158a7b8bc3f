import type { MonotonicMs, Telemetry } from '@proactive/shared'
import type { LocationState } from '../../ingest/src/faults/index.ts'
import { judge } from '../../ingest/src/faults/judge.ts'
import type { Timing } from '../../ingest/src/faults/timing.ts'
import type { Scheduler } from '../../agent/src/ports/index.ts'
import { createSteadyBatch } from './steady-batch.ts'
import { isLossy, isTrue, isWhole } from './steadiness.ts'
import type { VirtualCloud } from './virtual-cloud.ts'
import type { VirtualIngest } from './virtual-ingest.ts'
import type { VirtualLocation } from './virtual-location.ts'
import type { LinkQuality } from './virtual-paths.ts'

/** Finds the stretches in which every answer is the one before, and leaps over them (ADR 071). */
export interface Leaper {
  /** A live batch arrived: what it says of an undisturbed window will be said again. */
  heard(batch: Telemetry): void
  /** The agent was started anew: it may number things anew. */
  restarted(): void
  /** A regular echo to the internet was lost. */
  lineMissed(): void
  /** How much longer, in the Location's own time, the agent remembers losses of the line that would add to new ones; 0 = it does not. */
  lineMemoryMs(): number
  /** Whether a stretch may begin now; cheap enough to be asked every second. */
  isSteady(): boolean
  /** Leaps at most so far; how far it was. Only while steady. */
  leap(ms: number): number
}

/** How long a watcher may doubt after a change of the Location before it says something: three more tries of a payment path. */
const doubtMs = 10_000
/** What was told together arrives together. */
const talkMs = 3_000
/** Something is broken, and stays as it is: until then both cores have said all they have to say of it. */
const brokenQuietMs = 130_000
/**
 * The cloud holds something that is not so: a device the kernel still believes in, or one that is looked for at an address it left. The agent finds
 * out within a minute or so, or by its next sweep, five minutes apart at most.
 */
const untrueQuietMs = 320_000
/** What is neither broken nor understood: nothing more is expected after this long. */
const plainQuietMs = 50_000

/** The agent judges the line's loss over two minutes, and one lost echo may be the first by which it dates a lossy stretch. */
const lineMemoryMs = 125_000
/** More losses than this in one window are a trouble of the line: an eighth of its echoes. */
const untoldMisses = 4

export function createLeaper(options: {
  readonly scheduler: Scheduler
  readonly location: VirtualLocation
  readonly cloud: Pick<VirtualCloud, 'isConnected' | 'isOverBackup'>
  readonly ingest: VirtualIngest<LocationState>
  readonly quality: Partial<LinkQuality>
  readonly timing: Timing
  readonly onLeapt: (ms: number) => void
}): Leaper {
  const { scheduler, location, cloud, ingest, quality, timing } = options
  const steadyBatch = createSteadyBatch()
  let repeated: Telemetry | undefined
  /** The last look at both, the cloud and the Location; it holds until one of them changes. */
  let seen = { order: -1, version: -1, isTrue: false, isSettled: false }
  /** When regular echoes to the internet were lost, as far back as the agent remembers. */
  const missedAtMono: MonotonicMs[] = []

  const quietSinceMono = (): MonotonicMs => Math.max(ingest.lastTalkAtMono(), location.changedAtMono())

  /** The last batch, where its whole window lies in the quiet. */
  function wholeBatch(): Telemetry | undefined {
    const last = ingest.lastBatch()
    return last !== undefined && last.fromMono >= quietSinceMono() ? last.message : undefined
  }

  /** Returns since when the agent remembers. */
  function forgetMisses(): MonotonicMs {
    const sinceMono = scheduler.monotonicMs() - lineMemoryMs
    while ((missedAtMono[0] ?? Number.POSITIVE_INFINITY) <= sinceMono) missedAtMono.shift()
    return sinceMono
  }

  /** The window that is being measured holds a trouble of the line: it is told before the leap, for after it nobody would know whose it was. */
  function isLineTroubleUntold(toldAtMono: MonotonicMs): boolean {
    return missedAtMono.filter((atMono) => atMono > toldAtMono).length > untoldMisses
  }

  /** Whether the cloud holds what is true, and whether nothing of it is bad. */
  function look(state: LocationState): { readonly isTrue: boolean; readonly isSettled: boolean } {
    const version = location.version()
    if (seen.order !== state.order || seen.version !== version) {
      const holdsTrue = isTrue(state, location)
      seen = { order: state.order, version, isTrue: holdsTrue, isSettled: holdsTrue && isWell(state, timing) }
    }
    return seen
  }

  /** How long nothing may have been said before it is sure that nothing more will be. */
  function quietNeededMs(state: LocationState, isAllThere: boolean): number {
    if (isAllThere && !look(state).isTrue) return untrueQuietMs
    return !isAllThere || state.incidents.length > 0 ? brokenQuietMs : plainQuietMs
  }

  /** The batch that the appliance would send from now on; undefined where that is not sure. */
  function findRepeated(): Telemetry | undefined {
    const nowMono = scheduler.monotonicMs()
    if (nowMono - location.changedAtMono() < doubtMs || nowMono - ingest.lastTalkAtMono() < talkMs)
      return undefined
    const last = ingest.lastBatch()
    const state = ingest.state()
    if (last === undefined || !cloud.isConnected() || ingest.isAsking() || isUnderWay(state)) return undefined
    if (isLossy(location, quality)) return undefined
    const isAllThere = isWhole(location)
    if (isAllThere && isLineTroubleUntold(last.atMono)) return undefined
    // It goes back to the first way out within a minute; until then the cloud takes the second one's address for the shop's.
    if (isAllThere && cloud.isOverBackup()) return undefined
    if (isAllThere && look(state).isSettled)
      return steadyBatch.compose(last.message, knownDevices(state)) ?? wholeBatch()
    return nowMono - quietSinceMono() < quietNeededMs(state, isAllThere) ? undefined : wholeBatch()
  }

  return {
    heard(batch) {
      const last = ingest.lastBatch()
      if (last !== undefined && last.fromMono >= location.changedAtMono() && isWhole(location))
        steadyBatch.learn(batch)
    },
    restarted: steadyBatch.forget,
    lineMissed() {
      forgetMisses()
      missedAtMono.push(scheduler.monotonicMs())
    },
    lineMemoryMs() {
      const sinceMono = forgetMisses()
      const last = missedAtMono.at(-1)
      return last === undefined ? 0 : last - sinceMono
    },
    isSteady() {
      repeated = findRepeated()
      return repeated !== undefined
    },
    leap(ms) {
      if (repeated === undefined) return 0
      const leaptMs = ingest.leap(ms, repeated)
      options.onLeapt(leaptMs)
      return leaptMs
    },
  }
}

/** Something is held back, asked, or told and not yet believed. */
function isUnderWay({ session, hold, probes, conditions, devices }: LocationState): boolean {
  return (
    !session.isOpen ||
    hold !== null ||
    probes.length > 0 ||
    [...conditions, ...devices].some(({ claim }) => claim !== null)
  )
}

/** Nothing is bad but what nobody misses. What recovers and waits only for time to pass may go on waiting. */
function isWell(state: LocationState, timing: Timing): boolean {
  return (
    state.incidents.every((incident) => incident.state === 'recovering') &&
    state.conditions.every((condition) => condition.state !== 'bad' && condition.isDegraded !== true) &&
    judge(state, timing, state.nowMs).causes.length === 0
  )
}

function knownDevices(state: LocationState) {
  return state.devices.map(({ device, state }) => ({ alias: device.alias, isThere: state === 'good' }))
}
