import type { Lane } from '@proactive/shared'
import type { Spool, SpoolRecord, StampedRecord } from '../ports/index.ts'

/** The spool without a disk: for simulations and tests. What it holds outlives the agent that used it, not the process. */
export function createMemorySpool(options: { readonly maxBytes?: number } = {}): Spool {
  const maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY
  const recordById = new Map<number, SpoolRecord & { order?: number }>()
  const lastSeqByLane = new Map<string, number>()
  const facts = new Map<string, string>()
  let samples: string[] = []
  let nextId = 1
  let place = 0
  let bytes = 0
  let dropped = 0

  function nextSeq(epoch: number, lane: Lane): number {
    const key = `${epoch} ${lane}`
    const seq = (lastSeqByLane.get(key) ?? 0) + 1
    lastSeqByLane.set(key, seq)
    return seq
  }

  function forget(id: number): void {
    const record = recordById.get(id)
    if (record === undefined) return
    recordById.delete(id)
    bytes -= record.body.length
  }

  return {
    commit(change) {
      for (const id of change.forget ?? []) forget(id)
      if (change.closesWindow) samples = []
      if (change.samples !== undefined) samples.push(change.samples)
      for (const [key, value] of change.facts ?? []) {
        if (value === null) facts.delete(key)
        else facts.set(key, value)
      }
      const added = (change.add ?? []).map(({ entry, lane }) => {
        const record =
          lane === undefined
            ? { ...entry, id: nextId++ }
            : { ...entry, id: nextId++, lane, seq: nextSeq(entry.bootEpoch, lane), order: ++place }
        recordById.set(record.id, record)
        bytes += record.body.length
        return record
      })
      for (const record of recordById.values()) {
        if (bytes <= maxBytes) break
        if (record.kind !== 'telemetry' || record.lane !== undefined) continue
        forget(record.id)
        dropped++
      }
      return added
    },
    stamp(kind, lane, limit) {
      const waiting = [...recordById.values()].filter(
        (record) => record.kind === kind && record.lane === undefined,
      )
      for (const record of waiting.slice(0, limit)) {
        recordById.set(record.id, { ...record, lane, seq: nextSeq(record.bootEpoch, lane), order: ++place })
      }
      return Math.min(limit, waiting.length)
    },
    placed: (lane, afterOrder, limit) =>
      [...recordById.values()]
        .filter(
          (record): record is StampedRecord =>
            record.lane === lane && record.order !== undefined && record.order > afterOrder,
        )
        .sort((a, b) => a.order - b.order)
        .slice(0, limit),
    rebase(bootEpoch, shiftMs, shiftBody) {
      const stale = [...recordById.values()].filter(
        (record) =>
          record.bootEpoch === bootEpoch && record.clock === 'unsynced' && record.lane === undefined,
      )
      for (const record of stale) {
        const atMs = Math.max(0, Math.round(record.atMs + shiftMs))
        recordById.set(record.id, {
          ...record,
          atMs,
          clock: 'synced',
          body: shiftBody(record.kind, record.body),
        })
      }
      return stale.length
    },
    unfinishedSamples: () => samples,
    fact: (key) => facts.get(key),
    figures: () => ({ records: recordById.size, bytes, dropped, quarantined: 0 }),
    close: () => undefined,
  }
}
