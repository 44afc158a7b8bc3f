import type { Change, EpochMs, MonotonicMs } from '@proactive/shared'
import { z } from 'zod'
import { observationEntry, shiftBody, telemetryEntry } from '../core/deliverable.ts'
import { type TimeRange, type Timeline, wallMs } from '../core/timeline.ts'
import { parseUnfinished, unfinishedText } from '../core/unfinished-window.ts'
import { type Sample, summarize } from '../core/window.ts'
import type { Log, Scheduler, Spool, SpoolCommit, SpoolEntry, Stop } from '../ports/index.ts'

export interface RecorderDeps {
  readonly spool: Spool
  readonly scheduler: Scheduler
  readonly log: Log
  readonly bootEpoch: number
  readonly timeline: () => Timeline
  /** The appliance's own row without its alias, read when a window closes. */
  readonly applianceRow: () => Promise<readonly (number | null)[]>
  readonly ordinalOf: (alias: number) => number
  /** Sees to it that closing a window does not hang unseen. */
  readonly watch?: <T>(name: string, mostMs: number, work: Promise<T>) => Promise<T>
  /** A write is done: whether a window was closed with it, and whether the spool is empty after it. */
  readonly onWritten?: (done: { readonly closedWindow: boolean; readonly isEmpty: boolean }) => void
  /** Whether a batch recorded now may take the live lane: connected, and nothing piles up there. */
  readonly isLiveOpen: () => boolean
  /** Something new is in the spool. */
  readonly onRecorded: () => void
}

/** Takes in samples and changes; puts them into the spool in groups (at most one write per 10 s for samples, at once for changes). */
export interface Recorder {
  sample(sample: Sample): void
  observe(change: Change, atMonoMs?: MonotonicMs): void
  /** Keeps a small fact with the next write; null forgets it. */
  remember(key: string, value: string | null): void
  /** The cloud has this record: it is forgotten with the next write. */
  acknowledged(id: number): void
  /** Writes what is due now. Never throws: what cannot be written is counted and logged. */
  flush(): void
  /** The clock became trusted: what has not left yet is re-based, as far as this run's clock told it. */
  rebase(shiftMs: number, toldByIt: TimeRange): void
  setWindowSeconds(seconds: number): void
  /** Takes over what the run before left, then begins the first window. `wasClean`: that run said goodbye. */
  start(previous: { readonly wasClean: boolean }): Stop
  /** Closes the running window and writes everything, within about 3 s: where the appliance's own row takes longer, the window goes without it. */
  finish(): Promise<void>
  figures(): RecorderFigures
}

export interface RecorderFigures {
  /** Batches and changes that could not be written. */
  readonly lostEntries: number
  /** Sum over all crashes of the time that was measured but not yet written; at most 10 s each. */
  readonly lostWindowMs: number
  readonly commits: number
  /** Samples beyond the bound of one window: it was not closed for a long time. */
  readonly droppedSamples: number
}

/** When the last write was, as the next run finds it. */
const aliveSchema = z.object({ atMs: z.int().min(0), clock: z.enum(['synced', 'unsynced']) })
const aliveKey = 'alive'
const lostKey = 'lostWindowMs'

/** Design: a crash loses at most this much of the running window. */
export const commitEveryMs = 10_000
/** Changes that come together are written together. */
const gatherMs = 10
const maxPendingAcks = 64
/** The appliance's own figures are read and written within seconds. */
const mostCloseMs = 60_000
/** At the end nobody waits for them that long: the service manager kills who does not end (20 s on the image). */
const mostFinishMs = 3_000
/** Bound of samples in one window; a /22 at full pace stays far below. */
const maxSamples = 200_000

interface OwnRow {
  readonly appliance?: (number | null)[][]
}

export function createRecorder(deps: RecorderDeps): Recorder {
  const { spool, scheduler, log, bootEpoch } = deps
  let windowMs = 30_000
  let windowStartMono = scheduler.monotonicMs()
  let writtenUntilMono = windowStartMono
  let samples: Sample[] = []
  let writtenSamples = 0
  let pendingEntries: SpoolEntry[] = []
  let pendingFacts = new Map<string, string | null>()
  let pendingAcks: number[] = []
  let gathering: Stop | undefined
  let lostEntries = 0
  let commits = 0
  let droppedSamples = 0
  let isFailing = false
  let isFinished = false
  let lostWindowMs = Number(spool.fact(lostKey) ?? 0) || 0

  const stampAt = (atMonoMs: MonotonicMs) => ({
    bootEpoch,
    atMs: wallMs(deps.timeline(), atMonoMs),
    clock: deps.timeline().state,
  })

  /** Samples not yet on the disk, as text; each write takes them along, so that the last write is the last loss. */
  function freshSamples(nowMono: MonotonicMs): string | undefined {
    if (writtenSamples === samples.length) return undefined
    return unfinishedText({
      bootEpoch,
      clock: deps.timeline().state,
      fromMs: wallMs(deps.timeline(), writtenUntilMono),
      toMs: wallMs(deps.timeline(), nowMono),
      samples: samples.slice(writtenSamples),
    })
  }

  function write(change: SpoolCommit): boolean {
    const nowMono = scheduler.monotonicMs()
    const facts = new Map(pendingFacts)
    const { atMs, clock } = stampAt(nowMono)
    facts.set(aliveKey, JSON.stringify({ atMs, clock }))
    const fresh = change.closesWindow ? undefined : freshSamples(nowMono)
    try {
      spool.commit({
        ...change,
        facts,
        forget: pendingAcks,
        ...(fresh === undefined ? {} : { samples: fresh }),
      })
    } catch (err) {
      if (!isFailing)
        log.error({ err }, 'the spool cannot be written; measuring goes on, what is measured now is lost')
      isFailing = true
      return false
    }
    if (isFailing) log.info({ lostEntries }, 'the spool can be written again')
    isFailing = false
    commits++
    pendingFacts = new Map()
    pendingAcks = []
    writtenSamples = samples.length
    writtenUntilMono = nowMono
    deps.onWritten?.({ closedWindow: change.closesWindow === true, isEmpty: spool.figures().records === 0 })
    return true
  }

  function writeEntries(): void {
    gathering?.()
    gathering = undefined
    if (pendingEntries.length === 0) return
    const entries = pendingEntries
    pendingEntries = []
    if (write({ add: entries.map((entry) => ({ entry })) })) deps.onRecorded()
    else lostEntries += entries.length
  }

  const ownRow = () => deps.applianceRow().then((own): OwnRow => ({ appliance: [[0, ...own]] }))

  async function closeWindow(read: Promise<OwnRow> = ownRow()): Promise<void> {
    const own = await read
    // The end was quicker: what this window held is written.
    if (isFinished) return
    const endMono = scheduler.monotonicMs()
    const rows = { ...summarize(samples), ...own }
    const entry = telemetryEntry(stampAt(endMono), endMono - windowStartMono, rows, deps.ordinalOf)
    samples = []
    writtenSamples = 0
    windowStartMono = endMono
    const add = [deps.isLiveOpen() ? { entry, lane: 'live' as const } : { entry }]
    if (write({ closesWindow: true, add })) deps.onRecorded()
    else lostEntries++
    writtenUntilMono = endMono
  }

  let isClosing = false
  async function tick(): Promise<void> {
    if (isClosing) return
    if (scheduler.monotonicMs() - windowStartMono < windowMs - commitEveryMs / 2) {
      write({})
      return
    }
    isClosing = true
    try {
      await (deps.watch?.('window', mostCloseMs, closeWindow()) ?? closeWindow())
    } catch (err) {
      log.error({ err }, 'a window could not be closed')
    } finally {
      isClosing = false
    }
  }

  /** The window of the run before, as far as it was written, becomes a batch of that run. */
  function takeOverWindow(): SpoolCommit['add'] {
    const parts = spool.unfinishedSamples().flatMap((text) => parseUnfinished(text) ?? [])
    const last = parts.at(-1)
    if (last === undefined) return []
    const { bootEpoch: epoch, clock, toMs } = last
    const own = parts.filter((part) => part.bootEpoch === epoch && part.clock === clock)
    const fromMs = own[0]?.fromMs ?? last.fromMs
    const rows = summarize(own.flatMap((part) => part.samples))
    const stamp = { bootEpoch: epoch, atMs: toMs, clock }
    return [{ entry: telemetryEntry(stamp, toMs - fromMs, rows, deps.ordinalOf) }]
  }

  /** How long the run before may have measured after its last write: declared, not guessed away. */
  function declareLoss(): void {
    const alive = parseAlive(spool.fact(aliveKey))
    if (alive === undefined) return
    const now = stampAt(scheduler.monotonicMs())
    const isComparable = alive.clock === 'synced' && now.clock === 'synced'
    const gapMs = isComparable ? Math.max(0, now.atMs - alive.atMs) : commitEveryMs
    lostWindowMs += Math.min(commitEveryMs, gapMs)
    pendingFacts.set(lostKey, String(lostWindowMs))
  }

  return {
    sample(sample) {
      if (samples.length < maxSamples) samples.push(sample)
      else droppedSamples++
    },
    observe(change, atMonoMs = scheduler.monotonicMs()) {
      pendingEntries.push(observationEntry(stampAt(atMonoMs), change))
      gathering ??= scheduler.after(gatherMs, writeEntries)
    },
    remember(key, value) {
      pendingFacts.set(key, value)
    },
    acknowledged(id) {
      pendingAcks.push(id)
      if (pendingAcks.length >= maxPendingAcks) write({})
    },
    flush() {
      writeEntries()
      if (pendingAcks.length > 0 || pendingFacts.size > 0) write({})
    },
    rebase(shiftMs, toldByIt) {
      writeEntries()
      try {
        const count = spool.rebase(bootEpoch, shiftMs, (_, body) => shiftBody(body, shiftMs, toldByIt))
        if (count > 0)
          log.info({ count, shiftMs }, 'what was recorded before the clock was right has its right time now')
      } catch (err) {
        log.error({ err }, 'what was recorded before the clock was right keeps its wrong time, and says so')
      }
    },
    setWindowSeconds(seconds) {
      windowMs = seconds * 1_000
    },
    start({ wasClean }) {
      if (!wasClean) declareLoss()
      const add = takeOverWindow() ?? []
      write({ closesWindow: true, add })
      windowStartMono = scheduler.monotonicMs()
      writtenUntilMono = windowStartMono
      return scheduler.every(commitEveryMs, () => void tick())
    },
    async finish() {
      const late = new Promise<OwnRow>((resolve) => void scheduler.after(mostFinishMs, () => resolve({})))
      await closeWindow(Promise.race([ownRow().catch(() => ({})), late]))
      isFinished = true
      flushRest()
    },
    figures: () => ({ lostEntries, lostWindowMs, commits, droppedSamples }),
  }

  function flushRest(): void {
    writeEntries()
    if (pendingAcks.length > 0 || pendingFacts.size > 0) write({})
  }
}

/** When the run before wrote last, with its clock's state; undefined on a first start. */
export function parseAlive(
  text: string | undefined,
): { readonly atMs: EpochMs; readonly clock: 'synced' | 'unsynced' } | undefined {
  if (text === undefined) return undefined
  try {
    const parsed = aliveSchema.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
