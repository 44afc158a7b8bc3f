import { upKinds } from '@proactive/shared'
import type { LogEntry } from './ingest-log.ts'

/** A log entry as an engine stores it: a few plain columns and one block of bytes. */
export interface LogRow {
  /** 0 = evidence of the ingest (JSON), else 1 + place of the message kind in `upKinds`. Stored: kinds may only be added at the end. */
  readonly kind: number
  readonly locationId: string
  readonly applianceId: string | null
  readonly payload: Uint8Array
}

const ingestKind = 0
const utf8 = new TextDecoder()

/** The row of an entry; {@link fromRow} reads it. */
export function toRow(entry: LogEntry): LogRow {
  if (entry.from === 'ingest') {
    return {
      kind: ingestKind,
      locationId: entry.locationId,
      applianceId: null,
      payload: Buffer.from(JSON.stringify(entry.event)),
    }
  }
  const { kind, locationId, applianceId, payload } = entry
  return { kind: upKinds.indexOf(kind) + 1, locationId, applianceId, payload }
}

/** The entry behind a row that {@link toRow} made. What the log holds was checked before it went in, so it is trusted. */
export function fromRow({ kind, locationId, applianceId, payload }: LogRow): LogEntry {
  if (kind === ingestKind) return { from: 'ingest', locationId, event: JSON.parse(utf8.decode(payload)) }
  const upKind = upKinds[kind - 1]
  if (upKind === undefined || applianceId === null)
    throw new Error(`the log holds an entry of unknown kind ${kind}; it was written by a newer version`)
  return { from: 'appliance', locationId, applianceId, kind: upKind, payload }
}
