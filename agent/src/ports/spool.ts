import type { ClockState, EpochMs, Lane } from '@proactive/shared'

export type SpoolKind = 'telemetry' | 'observation'

/** What is put into the spool: a message without its place in a lane. */
export interface SpoolEntry {
  readonly kind: SpoolKind
  readonly bootEpoch: number
  readonly atMs: EpochMs
  readonly clock: ClockState
  /** Highest ordinal of the aliases that its rows use (`core/aliases.ts`); 0 where it uses none. */
  readonly maxAlias: number
  /** JSON of the message's own fields: all but `v`, the lane stamp and the time stamp. */
  readonly body: string
}

/** An entry that is in the spool; `lane` and `seq` once it was given a place, which it keeps for ever. */
export interface SpoolRecord extends SpoolEntry {
  readonly id: number
  readonly lane?: Lane
  readonly seq?: number
}

/** A record with its place. `order` grows with every stamp given and sorts what is to be resent. */
export interface StampedRecord extends SpoolRecord {
  readonly lane: Lane
  readonly seq: number
  readonly order: number
}

/** What one durable write takes along; everything or nothing. */
export interface SpoolCommit {
  /** New entries; with `live` they get the next places of that lane in this same write. */
  readonly add?: readonly { readonly entry: SpoolEntry; readonly lane?: Lane }[]
  /** Acknowledged records, to be forgotten. */
  readonly forget?: readonly number[]
  /** Samples of the running window since the last commit, as text. */
  readonly samples?: string
  /** The running window is closed: its samples are in `add` now. */
  readonly closesWindow?: boolean
  /** Small facts to keep: key → text; null forgets. */
  readonly facts?: ReadonlyMap<string, string | null>
}

export interface SpoolFigures {
  readonly records: number
  readonly bytes: number
  /** Records given up because the spool was full (telemetry before changes) or could not write, since the spool was made. */
  readonly dropped: number
  /** Times a damaged spool was moved aside. */
  readonly quarantined: number
}

/**
 * Port: what the appliance keeps until the cloud has it. Synchronous on purpose: a commit that returned is on the disk
 * (embedded: SQLite, WAL, `synchronous=FULL`), and nothing can come between.
 */
export interface Spool {
  /** @throws SpoolError where nothing could be written. Returns the records made from `add`, in order. */
  commit(change: SpoolCommit): readonly SpoolRecord[]
  /** Gives up to `limit` of the oldest unplaced records of a kind the next places of a lane (durably) and returns how many got one. */
  stamp(kind: SpoolKind, lane: Lane, limit: number): number
  /** Placed records of a lane behind `afterOrder`, in the order in which they were placed. */
  placed(lane: Lane, afterOrder: number, limit: number): readonly StampedRecord[]
  /** Shifts the times of this start's unplaced, unsynced records by `shiftMs` and marks them synced; returns how many. */
  rebase(bootEpoch: number, shiftMs: number, shiftBody: (kind: SpoolKind, body: string) => string): number
  /** Samples of the window that was running when the last run ended, oldest first. */
  unfinishedSamples(): readonly string[]
  fact(key: string): string | undefined
  figures(): SpoolFigures
  close(): void
}
