import type { Change, EpochMs, Telemetry, TelemetryRow } from '@proactive/shared'
import {
  type Baseline,
  badByMs,
  type Felt,
  feltByLine,
  feltByPath,
  forgetNow,
  type Grade,
  gradeOf,
  isLearnedEnough,
  learn,
  newBaseline,
  noteNow,
  seasonAt,
  seasonEndMs,
  usualMs,
} from './baseline.ts'
import { conditionOf, findCondition } from './conditions.ts'
import type { Freshness } from './freshness.ts'
import { primaryCondition, primaryUplinkId } from './inventory.ts'
import { tell } from './standing.ts'
import type { LocationState } from './state.ts'
import type { Turn } from './turn.ts'
import { isUsualDue, tellUsual } from './usual.ts'

/** One path whose quality is learned: the line as a whole, a resolver, or the way to a processor. */
export interface PathFacts {
  readonly kind: 'line' | 'dns' | 'paypath'
  /** Uplink of the line, else the target's id. */
  readonly subject: string
  readonly baseline: Baseline
}

/** Paths of one Location whose quality is learned: the line and what it is for. */
const mostPaths = 8

/** Keeps a path for each target the appliance watches now, and remembers which row of a batch is whose. */
export function describePaths(state: LocationState): void {
  const targets = state.appliance?.targets ?? []
  const uplinkId = primaryUplinkId(state)
  const own = targets.filter(({ kind, id }) => kind === 'wan' && id.startsWith(`${uplinkId}_`))
  const known = state.paths
  const paths: PathFacts[] = []
  state.pathByAlias.clear()
  const watch = (alias: number, kind: PathFacts['kind'], subject: string): void => {
    let path = paths.find((each) => each.kind === kind && each.subject === subject)
    if (path === undefined) {
      if (paths.length >= mostPaths) return
      path = known.find((each) => each.kind === kind && each.subject === subject) ?? {
        kind,
        subject,
        baseline: newBaseline(),
      }
      paths.push(path)
    }
    state.pathByAlias.set(alias, path)
  }
  for (const { alias, kind, id } of targets) {
    if (kind !== 'wan') watch(alias, kind, id)
    else if (own.length === 0 || id.startsWith(`${uplinkId}_`)) watch(alias, 'line', uplinkId)
  }
  state.paths = paths
}

/** Learns from a fresh batch of the live lane how well each path works, and tells which does worse than usual. */
export function readQuality(turn: Turn, batch: Telemetry, fromMs: EpochMs, toMs: EpochMs): void {
  const { state } = turn
  if (state.paths.length === 0) return
  const { wan, dns, paypath, device } = batch.rows
  const season = seasonOf(state, toMs)
  const line = state.paths.find(({ kind }) => kind === 'line')
  if (wasCut(state, fromMs)) {
    if (line !== undefined && standingGrade(state, line) === 0) forgetNow(line.baseline, season)
    return
  }
  let isNewlyKnown = false
  const take = (path: PathFacts, felt: Felt, words: () => string): void => {
    const wasKnown = isLearnedEnough(path.baseline)
    const beforeMs = path.baseline.fastMs
    learn(path.baseline, felt, batch.windowMs, season)
    const isKnown = isLearnedEnough(path.baseline)
    if (isKnown && !wasKnown) isNewlyKnown = true
    const before = standingGrade(state, path)
    const window: FeltWindow = {
      ...{ before, beforeMs, windowMs: batch.windowMs },
      ...{ wholeMs: felt.wholeMs, lossMs: felt.wholeMs - felt.bareMs },
      isCalledDegraded: path.kind === 'line' && primaryCondition(state, 'wan')?.isDegraded === true,
    }
    const grade = isKnown ? gradeKnown(path, window, season) : gradeUnknown(path.baseline, window, season)
    // What the appliance called degraded was so for all of the window that bears it out; a short one lies within a burst.
    const sinceMs = isKnown || batch.windowMs < shortMs ? toMs : fromMs
    if (grade !== before || (grade > 0 && isStale(state, path)))
      tellGrade(turn, path, grade, sinceMs, season, words)
  }
  if (wan !== undefined && line !== undefined) {
    const now = lineNow(state, wan, device, batch.windowMs)
    if (now !== null) {
      const { rttMs, lossRatio } = now
      const felt = { wholeMs: feltByLine(rttMs, lossRatio), bareMs: feltByLine(rttMs, 0) }
      take(line, felt, () => `${percent(lossRatio)} of the packets lost, round trip ${Math.round(rttMs)} ms`)
    }
  }
  for (const row of dns ?? []) takePathRow(state, row, row[2], take)
  for (const row of paypath ?? []) {
    if (row[2] === 0) takePathRow(state, row, sum(row[3], row[4], row[5]), take)
  }
  if (isNewlyKnown || isUsualDue(fromMs, toMs)) tellUsual(turn, season)
}

/** One window as it was felt, and what stood before it. */
interface FeltWindow {
  readonly windowMs: number
  readonly wholeMs: number
  /** How much of it its losses cost. */
  readonly lossMs: number
  /** How it was felt just before, and how that was graded. */
  readonly beforeMs: number
  readonly before: Grade
  /** The appliance's own word on the line. */
  readonly isCalledDegraded: boolean
}

/** Less than this is no loss to speak of, in milliseconds that a payment waits for it. */
const hardlyAnyLossMs = 500
/** Less than this is no trouble at the till. */
const someLossMs = 1_000
/** In a window shorter than a burst a line that loses half of all echoes has a good moment now and then; the next one must be as good. */
const shortMs = 20_000
/** A burst is over within twenty seconds: a third of a window as long as this at most. */
const burstProofMs = 60_000

/**
 * How a path does whose habit is known. A burst may fill a short window of the line, and the next one ends half a minute later, when an Issue would
 * be open: so one of them alone tells nothing unless the appliance, which looks closer, called the line degraded (ADR 134).
 */
function gradeKnown({ kind, baseline }: PathFacts, window: FeltWindow, season: number): Grade {
  const { before, beforeMs, lossMs, windowMs, isCalledDegraded } = window
  const grade = gradeOf(baseline, season, before)
  const isAlone = before === 0 && beforeMs < someLossMs && windowMs < burstProofMs
  const mayBeBurst = kind === 'line' && isAlone && lossMs >= someLossMs && !isCalledDegraded
  return grade === 2 && mayBeBurst ? gradeOf({ ...baseline, fastMs: 0 }, season, before) : grade
}

/**
 * Of a path nobody knows yet only its losses tell anything, and of a single window of them not enough: a burst looks like that, and the last
 * window before a line goes down. Only where the appliance called the line degraded do windows tell how bad it is, two in a row: its word comes
 * once, and may have been said early, when little was lost yet, or come late (ADR 110).
 */
function gradeUnknown(baseline: Baseline, window: FeltWindow, season: number): Grade {
  const { before, beforeMs, wholeMs, lossMs, windowMs, isCalledDegraded } = window
  if (lossMs < someLossMs) noteNow(baseline, Math.min(baseline.fastMs, wholeMs))
  if (lossMs < hardlyAnyLossMs) return beforeMs >= someLossMs && windowMs < shortMs ? before : 0
  if (!isCalledDegraded || beforeMs < hardlyAnyLossMs) return before
  return gradeOf(baseline, season, before) === 2 ? 2 : before
}

function takePathRow(
  state: LocationState,
  row: TelemetryRow,
  tookMs: number | null | undefined,
  take: (path: PathFacts, felt: Felt, words: () => string) => void,
): void {
  const path = state.pathByAlias.get(row[0] as number)
  const okRatio = row[1]
  if (path === undefined || path.kind === 'line' || okRatio === null || okRatio === undefined) return
  if (okRatio === 0 || tookMs === null || tookMs === undefined) return
  const felt = { wholeMs: feltByPath(tookMs, okRatio), bareMs: tookMs }
  take(path, felt, () => `${Math.round(tookMs)} ms, ${percent(1 - okRatio)} of the tries in vain`)
}

function sum(...parts: (number | null | undefined)[]): number | null {
  let total: number | null = null
  for (const part of parts) if (part !== null && part !== undefined) total = (total ?? 0) + part
  return total
}

/** Whether router or line failed during this window: how well it works is not known then. */
function wasCut(state: LocationState, fromMs: EpochMs): boolean {
  // It was dark in part of the window: the agent's own word of that is too old to be taken as now.
  if (state.session.sinceMs > fromMs) return true
  for (const kind of ['link', 'gateway', 'wan'] as const) {
    const condition = primaryCondition(state, kind)
    if (condition === undefined) continue
    if (condition.state === 'bad' || condition.sinceMs > fromMs) return true
  }
  return false
}

/** Whether router or line came back since then. */
function wasRestored(state: LocationState, fromMs: EpochMs): boolean {
  return (['link', 'gateway', 'wan'] as const).some(
    (kind) => (primaryCondition(state, kind)?.restoredMs ?? Number.NEGATIVE_INFINITY) >= fromMs,
  )
}

/** The agent tells of the loss of the last two minutes. */
const agentMemoryMs = 120_000

/** The agent calls a line degraded from a tenth on; with less it says that what it told of before was a burst. */
const degradedAt = 0.1

/** Echoes go out every two seconds. */
const echoMs = 2_000

/**
 * Round trip and loss of the line, all its targets together. A target that answers nothing, or loses more than chance can account for
 * beside the others, is at fault itself; what is lost on the way to the router is not the line's.
 */
function lineNow(
  state: LocationState,
  rows: readonly TelemetryRow[],
  devices: readonly TelemetryRow[] | undefined,
  windowMs: number,
): { rttMs: number; lossRatio: number } | null {
  const answering = rows
    .filter((row) => state.pathByAlias.get(row[0] as number)?.kind === 'line')
    .map((row) => ({ lost: row[5] ?? 1 - (row[1] ?? 0), rttMs: row[2] }))
    .filter(({ lost, rttMs }) => lost < 1 && rttMs !== null && rttMs !== undefined)
    .sort((a, b) => a.lost - b.lost)
  const best = answering[0]
  if (best === undefined) return null
  const echoes = Math.max(1, windowMs / echoMs)
  // Of a few echoes none may be lost by luck: so the best one loses one more of two more than it seems to (Laplace).
  const bestLost = Math.max(0.02, best.lost, 1 / (echoes + 2))
  const deviation = Math.sqrt((2 * bestLost * (1 - bestLost)) / echoes)
  const alike = answering.filter(({ lost }) => lost - best.lost <= 4 * deviation)
  const lost = alike.reduce((total, each) => total + each.lost, 0) / alike.length
  const rttMs = Math.min(...alike.map((each) => each.rttMs as number))
  const routerLost = devices?.find((row) => row[0] === state.routerAlias)?.[5] ?? 0
  return { rttMs, lossRatio: routerLost < 1 ? Math.max(0, (lost - routerLost) / (1 - routerLost)) : 0 }
}

/** The agent tells of loss sooner than a window does, and of its end. */
export function noteLine(
  turn: Turn,
  change: Extract<Change, { type: 'wan-changed' }>,
  freshness: Freshness,
): void {
  const { state } = turn
  const path = state.paths.find(({ kind, subject }) => kind === 'line' && subject === change.uplinkId)
  const { lossRatio, state: now } = change
  if (path === undefined || !freshness.isFresh || now === 'down' || lossRatio === undefined) return
  // What the agent remembers as loss may be an outage that just ended: that is no quality of the line.
  if (wasRestored(state, turn.nowMs - agentMemoryMs)) return
  const { baseline } = path
  const season = seasonOf(state, freshness.atMs)
  const isKnown = usualMs(baseline, season) !== null
  const feltMs = feltByLine(0, lossRatio) + (isKnown ? Math.exp(baseline.bare / 1_000_000) : 0)
  const isLossyNow = now === 'degraded' && lossRatio >= degradedAt
  // Of a line nobody knows a mild word only opens the question, which the windows answer.
  if (isLossyNow && !isKnown && feltMs < badByMs) return
  noteNow(baseline, isLossyNow ? Math.max(baseline.fastMs, feltMs) : Math.min(baseline.fastMs, feltMs))
  const before = standingGrade(state, path)
  const grade = gradeOf(baseline, season, before)
  if (grade !== before)
    tellGrade(
      turn,
      path,
      grade,
      freshness.toLogMs(change.sinceMs),
      season,
      () => `${percent(lossRatio)} of the packets lost`,
    )
}

function standingGrade(state: LocationState, { subject }: PathFacts): Grade {
  const condition = findCondition(state, 'slow', subject)
  return condition?.state === 'bad' ? (condition.grade ?? 1) : 0
}

function isStale(state: LocationState, { subject }: PathFacts): boolean {
  return findCondition(state, 'slow', subject)?.isFresh === false
}

function tellGrade(
  turn: Turn,
  path: PathFacts,
  grade: Grade,
  sinceMs: EpochMs,
  season: number,
  words: () => string,
): void {
  const condition = conditionOf(turn.state, 'slow', path.subject)
  if (condition === null) return
  const { baseline } = path
  const usual = usualMs(baseline, season)
  const instead = usual === null ? '' : ` instead of ${seconds(usual)} s as usual at this hour`
  const nowMs = Math.max(baseline.fastMs, baseline.slowMs)
  const evidence = `a payment waits ${seconds(nowMs)} s for ${pathWords[path.kind]}${instead}; ${words()}`
  tell(turn, condition, grade > 0 ? 'bad' : 'good', sinceMs, { isFresh: true }, evidence)
  if (grade > 0) condition.grade = grade
  else delete condition.grade
  turn.isChanged = true
}

const pathWords: Readonly<Record<PathFacts['kind'], string>> = {
  line: 'the line',
  dns: 'a name lookup',
  paypath: 'the processor',
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1)
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`
}

/** The season of the week, looked up again each quarter of an hour: asking a time zone's rules costs more than all the rest. */
function seasonOf(state: LocationState, atMs: EpochMs): number {
  const { season } = state
  if (atMs >= season.fromMs && atMs < season.untilMs) return season.slot
  season.untilMs = seasonEndMs(atMs)
  season.fromMs = season.untilMs - 900_000
  season.slot = seasonAt(state.config?.timeZone ?? 'UTC', atMs)
  return season.slot
}
