import type { EpochMs, UpKind } from '@proactive/shared'
import type { FleetEvent, IngestEvent } from '../faults/index.ts'

/** What the log holds: an appliance's message exactly as it came in, or evidence that the ingest made itself. */
export type LogEntry =
  | {
      readonly from: 'appliance'
      readonly locationId: string
      readonly applianceId: string
      readonly kind: UpKind
      /** Payload as received, codec byte included; it decoded once at the gateway. The log keeps this very array: no view into a bigger buffer, never changed. */
      readonly payload: Uint8Array
    }
  | { readonly from: 'ingest'; readonly locationId: string; readonly event: IngestEvent | FleetEvent }

/** An entry in its place. Offsets grow within a partition; `receivedAtMs` was stamped at the append and is the only clock of everything behind the log. */
export interface LogRecord {
  readonly partition: string
  readonly offset: number
  readonly receivedAtMs: EpochMs
  readonly entry: LogEntry
}

/** Something a commit puts out: read by the projector, in order, at least once; `id` makes repeats harmless. */
export interface LogOutput {
  readonly partition: string
  readonly id: number
  readonly body: Uint8Array
}

/** Changed states of one commit, by key (a Location id); null removes. */
export type StateChanges = ReadonlyMap<string, Uint8Array | null>

/** The right to commit a partition. A commit with a stale `revision` is refused whole: another owner went on. */
export interface PartitionOwner {
  readonly partition: string
  /** Offset behind which reading goes on, as committed last (0 = from the beginning). */
  readonly committedOffset: number
  loadStates(): AsyncIterable<readonly [key: string, state: Uint8Array]>
  /**
   * State, outputs and offset in one step, all or nothing.
   * @throws StaleOwnerError when the partition has another owner by now.
   */
  commit(change: { offset: number; states: StateChanges; outputs: readonly Uint8Array[] }): Promise<void>
  release(): Promise<void>
}

/**
 * Port: the durable, partitioned, ordered log between the gateway and everything behind it (ADR 004).
 * Adapters: SQLite in a worker thread (one node), NATS JetStream (many nodes). One contract suite runs on both.
 */
export interface IngestLog {
  /** The partitions that exist, `p00` … and `fleet`; a Location always hashes to the same one. */
  readonly partitions: readonly string[]
  partitionOf(locationId: string): string
  /**
   * Resolves when the entry survives a power cut (group commit), with its place. Entries of one caller keep their order.
   * After a rejection every entry of the same `session` still waiting is rejected too, so that no later one overtakes it.
   * @throws LogFullError, LogUnavailableError: no PUBACK may follow.
   */
  append(entry: LogEntry, session: string): Promise<LogRecord>
  /** Records behind `afterOffset` in order; waits for new ones until the signal aborts. */
  read(partition: string, afterOffset: number, signal: AbortSignal): AsyncIterable<readonly LogRecord[]>
  own(partition: string, consumer: string): Promise<PartitionOwner>
  /** Outputs behind `afterId` in order; waits for new ones until the signal aborts. */
  readOutputs(partition: string, afterId: number, signal: AbortSignal): AsyncIterable<readonly LogOutput[]>
  /** Everything up to the id was carried out: it may be trimmed. */
  acknowledgeOutputs(partition: string, upToId: number): Promise<void>
  acknowledgedOutputs(partition: string): Promise<number>
  /** Appliances whose last session event in the log is `session-opened`: after a crash nobody knows how those sessions ended. */
  openSessions(): Promise<readonly { readonly applianceId: string; readonly locationId: string }[]>
  stop(): Promise<void>
}
