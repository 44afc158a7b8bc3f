import { decode } from '@proactive/shared/codec'
import type { SpoolEntry } from '../../agent/src/ports/index.ts'
import type { LogRecord } from '../../ingest/src/log/ingest-log.ts'

/** A spooled message as the cloud has it. */
export interface Delivered {
  readonly bootEpoch: number
  readonly lane: 'live' | 'backlog'
  readonly seq: number
  readonly atMs: number
  readonly clock: 'synced' | 'unsynced'
  readonly receivedAtMs: number
  /** Same text for the same message, on whichever side it was written down. */
  readonly identity: string
}

/** Reads telemetry and observations out of the log; undefined for everything else. */
export function deliveredOf({ entry, receivedAtMs }: LogRecord): Delivered | undefined {
  if (entry.from !== 'appliance' || (entry.kind !== 'telemetry' && entry.kind !== 'observation'))
    return undefined
  const { v: _v, bootEpoch, lane, seq, atMs, clock, ...body } = decode(entry.kind, entry.payload)
  const identity = identityOf({ kind: entry.kind, bootEpoch, atMs, clock, body })
  return { bootEpoch, lane, seq, atMs, clock, receivedAtMs, identity }
}

export function identityOfEntry({ kind, bootEpoch, atMs, clock, body }: SpoolEntry): string {
  return identityOf({ kind, bootEpoch, atMs, clock, body: JSON.parse(body) as unknown })
}

function identityOf(parts: {
  readonly kind: string
  readonly bootEpoch: number
  readonly atMs: number
  readonly clock: string
  readonly body: unknown
}): string {
  return `${parts.kind} ${parts.bootEpoch} ${parts.atMs} ${parts.clock} ${JSON.stringify(parts.body, sortedKeys)}`
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What of the log takes effect: repeats fall to the high-water mark of their lane, as in the pipeline. */
export function withoutRepeats(all: readonly Delivered[]): Delivered[] {
  const markByLane = new Map<string, number>()
  return all.filter(({ bootEpoch, lane, seq }) => {
    const key = `${bootEpoch} ${lane}`
    if (seq <= (markByLane.get(key) ?? 0)) return false
    markByLane.set(key, seq)
    return true
  })
}
