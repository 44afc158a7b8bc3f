import type { LogEntry } from '../../ingest/src/log/ingest-log.ts'

/** Entry number `index` of the log's suite: 20 sessions at 20 Locations, 1.5 KB each, the number in front. */
export function entryOf(index: number): { entry: LogEntry; session: string } {
  const payload = new Uint8Array(1_500).fill(index % 251)
  new DataView(payload.buffer).setUint32(0, index)
  const applianceId = `ap-${index % 20}`
  return {
    entry: { from: 'appliance', locationId: `loc-${index % 20}`, applianceId, kind: 'observation', payload },
    session: applianceId,
  }
}
