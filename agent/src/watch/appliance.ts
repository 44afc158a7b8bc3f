import type { Recorder } from '../delivery/recorder.ts'
import type { ApplianceHealth, HealthReader, Log, Spool } from '../ports/index.ts'

/**
 * The appliance's own telemetry row, in the column order of the contract. `droppedBatches` and `lostWindowMs` are totals since the
 * appliance was set up: a lost batch cannot hide another one.
 */
export function createApplianceRow(deps: {
  readonly health: HealthReader
  readonly spool: Spool
  readonly recorder: Pick<Recorder, 'figures'>
  readonly log: Log
}): () => Promise<readonly (number | null)[]> {
  let isFailing = false
  return async () => {
    const health = await deps.health.read().catch((err: unknown) => {
      if (!isFailing) deps.log.warn({ err }, 'the appliance cannot read its own health')
      isFailing = true
      return unknownHealth
    })
    const spool = deps.spool.figures()
    const { lostEntries, lostWindowMs } = deps.recorder.figures()
    return [
      rounded(health.cpuRatio, 4),
      rounded(health.memoryUsedRatio, 4),
      rounded(health.rssBytes, 0),
      rounded(health.load1, 2),
      rounded(health.temperatureC, 1),
      rounded(health.diskUsedRatio, 4),
      spool.bytes,
      spool.records,
      spool.dropped + lostEntries,
      lostWindowMs,
    ]
  }
}

const unknownHealth: ApplianceHealth = {
  cpuRatio: null,
  memoryUsedRatio: null,
  rssBytes: null,
  load1: null,
  temperatureC: null,
  diskUsedRatio: null,
  writtenBytes: null,
}

function rounded(value: number | null, decimals: number): number | null {
  return value === null || !Number.isFinite(value)
    ? null
    : Math.round(value * 10 ** decimals) / 10 ** decimals
}
