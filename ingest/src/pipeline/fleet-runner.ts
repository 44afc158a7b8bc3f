import { type EpochMs, ProactiveError } from '@proactive/shared'
import type { Logger } from 'pino'
import { type FleetCore, type FleetEvent, fleetEntries, restoreFleet } from '../faults/index.ts'
import type { IngestLog, LogRecord } from '../log/ingest-log.ts'
import { fleetScope } from '../log/partitions.ts'
import { runPaced } from './commit-pace.ts'
import type { PipelineCounters } from './counters.ts'
import { encodeEffect } from './effect-format.ts'
import { faultConsumer } from './fault-runner.ts'
import type { PipelineOutput } from './ports.ts'
import { createWakeCalls } from './wake-calls.ts'

export interface FleetRunnerOptions {
  readonly log: IngestLog
  readonly fleet: FleetCore
  readonly counters: PipelineCounters
  readonly logger: Logger
  readonly nowMs: () => EpochMs
  readonly signal: AbortSignal
}

/**
 * Takes the fleet's partition through the reducer over all Locations; state, outputs and offset in one commit, as for a Location.
 * Resolves when the signal aborts. @throws StaleOwnerError, ContractError as `runFaults` does.
 */
export async function runFleet(options: FleetRunnerOptions): Promise<void> {
  const { log, fleet, counters, logger, nowMs, signal } = options
  const owner = await log.own(fleetScope, faultConsumer)
  const stored: [string, Uint8Array][] = []
  for await (const [key, bytes] of owner.loadStates()) stored.push([key, bytes])
  let state = restoreFleet(stored)
  let outputs: PipelineOutput[] = []
  let offset = owner.committedOffset
  const wakeCalls = createWakeCalls({
    nowMs,
    call: async () => {
      await log.append({ from: 'ingest', locationId: fleetScope, event: { type: 'woke' } }, 'wake/fleet')
    },
    onFailure: (_scope, err) => logger.warn({ err }, 'a wake call of the fleet is not in the log yet'),
  })
  signal.addEventListener('abort', () => wakeCalls.stop(), { once: true })
  wakeCalls.set(fleetScope, fleet.wakeAtMs(state))

  function take(record: LogRecord): void {
    offset = record.offset
    const event = fleetEventOf(record)
    if (event === undefined) {
      counters.skipped.inc({ consumer: 'fleet', reason: 'no-fleet-event' })
      return
    }
    const origin = { from: 'ingest', partition: fleetScope, offset: record.offset } as const
    try {
      const turn = fleet.reduce(state, event, { nowMs: record.receivedAtMs, origin })
      state = turn.state
      outputs.push(...turn.effects)
    } catch (err) {
      counters.skipped.inc({ consumer: 'fleet', reason: 'core-failed' })
      logger.error({ err, offset: record.offset }, 'the fleet’s core failed at a record, which is skipped')
    }
    wakeCalls.set(fleetScope, fleet.wakeAtMs(state))
    if (event.type === 'woke') wakeCalls.heard(fleetScope)
  }

  await runPaced({
    batches: log.read(fleetScope, offset, signal),
    take(records: readonly LogRecord[]) {
      for (const record of records) take(record)
      counters.records.inc({ consumer: 'fleet' }, records.length)
      return outputs.length > 0
    },
    async commit() {
      const dirty = [...state.dirtyMembers]
      const told = outputs
      try {
        await owner.commit({ offset, states: fleetEntries(state), outputs: told.map(encodeEffect) })
      } catch (error) {
        // Not stored: it must be in the next try.
        for (const id of dirty) state.dirtyMembers.add(id)
        throw error
      }
      outputs = []
    },
    isRetryable: (error) => !signal.aborted && error instanceof ProactiveError && error.retryable,
    onCommitFailure: (err) => logger.error({ err }, 'fleet: the commit failed and is tried again'),
  })
}

function fleetEventOf({ entry }: LogRecord): FleetEvent | undefined {
  if (entry.from !== 'ingest') return undefined
  const { event } = entry
  return event.type === 'location-signalled' || event.type === 'woke' ? event : undefined
}
