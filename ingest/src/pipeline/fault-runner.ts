import { ContractError, type EpochMs, ProactiveError } from '@proactive/shared'
import type { Logger } from 'pino'
import type { CommandDispatcher } from '../commands/dispatcher.ts'
import type { Effect, FaultCore } from '../faults/model.ts'
import type { IngestLog, LogRecord, PartitionOwner } from '../log/ingest-log.ts'
import { runPaced } from './commit-pace.ts'
import type { PipelineCounters } from './counters.ts'
import { encodeEffect } from './effect-format.ts'
import { type LoggedFact, toLoggedFact } from './fault-event.ts'
import { decodeFaultSnapshot, encodeFaultSnapshot } from './fault-snapshot.ts'
import { type HighWater, takeNew } from './high-water.ts'
import type { PipelineOutput } from './ports.ts'
import { type ProbeEffect, runProbe } from './run-probe.ts'
import { toldOf } from './told.ts'
import { createWakeCalls } from './wake-calls.ts'

export interface FaultRunnerOptions<State> {
  readonly log: IngestLog
  readonly partition: string
  readonly core: FaultCore<State>
  readonly commands: CommandDispatcher
  readonly counters: PipelineCounters
  readonly logger: Logger
  readonly nowMs: () => EpochMs
  readonly signal: AbortSignal
}

/** Name under which the fault core reads the log and keeps its states. */
export const faultConsumer = 'faults'

interface LocationFacts<State> {
  state: State
  readonly highWaterByApplianceId: Map<string, HighWater>
}

/**
 * Takes one partition through the fault core: records in, states and outputs out, in one commit with the offset (exactly once in effect).
 * Probes run right after the commit that asked for them, at most once: one that a crash cut off is given up by the core itself, in its own time.
 * Resolves when the signal aborts. @throws StaleOwnerError when another owner took over, ContractError where a stored state is unreadable.
 */
export async function runFaults<State>(options: FaultRunnerOptions<State>): Promise<void> {
  const { log, partition, core, counters, logger, nowMs, signal } = options
  const owner: PartitionOwner = await log.own(partition, faultConsumer)
  const locations = new Map<string, LocationFacts<State>>()
  const dirty = new Set<string>()
  let outputs: PipelineOutput[] = []
  let probes: { readonly locationId: string; readonly probe: ProbeEffect }[] = []
  let offset = owner.committedOffset

  const wakeCalls = createWakeCalls({
    nowMs,
    call: async (locationId) => {
      await log.append({ from: 'ingest', locationId, event: { type: 'woke' } }, `wake/${locationId}`)
    },
    onFailure: (locationId, err) => logger.warn({ err, locationId }, 'a wake call is not in the log yet'),
  })
  signal.addEventListener('abort', () => wakeCalls.stop(), { once: true })

  for await (const [locationId, bytes] of owner.loadStates()) {
    const snapshot = decodeFaultSnapshot(bytes)
    const state = core.deserialize(snapshot.core)
    locations.set(locationId, { state, highWaterByApplianceId: new Map(snapshot.highWaterByApplianceId) })
    wakeCalls.set(locationId, core.wakeAtMs(state))
  }

  function factsOf(locationId: string): LocationFacts<State> {
    const known = locations.get(locationId)
    if (known !== undefined) return known
    const made = { state: core.empty(locationId), highWaterByApplianceId: new Map<string, HighWater>() }
    locations.set(locationId, made)
    return made
  }

  function isNew(facts: LocationFacts<State>, { stamp }: LoggedFact): boolean {
    if (stamp === undefined) return true
    const marks = facts.highWaterByApplianceId.get(stamp.applianceId) ?? new Map()
    facts.highWaterByApplianceId.set(stamp.applianceId, marks)
    return takeNew(marks, stamp.laneStamp)
  }

  function keep(locationId: string, effect: Effect): void {
    if (effect.type === 'probe') {
      probes.push({ locationId, probe: effect })
      return
    }
    // Of several views in one commit the newest is worth telling, and the one that alone carries the devices' evidence.
    if (effect.type === 'view') {
      const isSuperseded = (other: PipelineOutput) =>
        other.type === 'view' &&
        other.view.locationId === locationId &&
        (effect.view.hasEvidence === true || other.view.hasEvidence !== true)
      outputs = outputs.filter((other) => !isSuperseded(other))
    }
    outputs.push(effect)
  }

  function takeRecord(record: LogRecord): void {
    offset = record.offset
    const { locationId } = record.entry
    const fact = readFact(record)
    if (fact === undefined) return
    const facts = factsOf(locationId)
    if (!isNew(facts, fact)) {
      counters.repeats.inc({ consumer: faultConsumer })
      return
    }
    outputs.push(...toldOf(fact, record))
    const turn = reduceSafely(facts, fact, record)
    if (turn === undefined) return
    const { state, effects } = turn
    facts.state = state
    dirty.add(locationId)
    for (const effect of effects) keep(locationId, effect)
    wakeCalls.set(locationId, core.wakeAtMs(state))
    if (fact.event.from === 'ingest' && fact.event.event.type === 'woke') wakeCalls.heard(locationId)
  }

  /** A fault of ours in one record must not stop the others, now and after every restart: it is counted, told, and left behind. */
  function reduceSafely(
    facts: LocationFacts<State>,
    fact: LoggedFact,
    record: LogRecord,
  ): ReturnType<typeof core.reduce> | undefined {
    try {
      return core.reduce(facts.state, fact.event, { nowMs: record.receivedAtMs, origin: fact.origin })
    } catch (err) {
      counters.skipped.inc({ consumer: faultConsumer, reason: 'core-failed' })
      logger.error(
        { err, partition, offset: record.offset },
        'the fault core failed at a record, which is skipped',
      )
      return undefined
    }
  }

  function readFact(record: LogRecord): LoggedFact | undefined {
    try {
      return toLoggedFact(record)
    } catch (err) {
      if (!(err instanceof ContractError)) throw err
      counters.skipped.inc({ consumer: faultConsumer, reason: err.code })
      logger.error(
        { err, partition, offset: record.offset },
        'a record of the log cannot be read and is skipped',
      )
      return undefined
    }
  }

  function snapshotOf(locationId: string): [string, Uint8Array] {
    const { state, highWaterByApplianceId } = factsOf(locationId)
    return [locationId, encodeFaultSnapshot({ core: core.serialize(state), highWaterByApplianceId })]
  }

  async function commit(): Promise<void> {
    const states = new Map([...dirty].map(snapshotOf))
    await owner.commit({ offset, states, outputs: outputs.map(encodeEffect) })
    const asked = probes
    dirty.clear()
    outputs = []
    probes = []
    for (const { locationId, probe } of asked) void answer(locationId, probe)
  }

  async function answer(locationId: string, probe: ProbeEffect): Promise<void> {
    const { probeId, deviceId } = probe
    const said = await runProbe(options.commands, probe)
    counters.probes.inc({ answer: said })
    if (signal.aborted) return
    const event = { type: 'probe-answered', probeId, deviceId, answer: said } as const
    await log
      .append({ from: 'ingest', locationId, event }, `probe/${probeId}`)
      .catch((err: unknown) => logger.warn({ err, locationId, probeId }, 'the answer of a probe is lost'))
  }

  await runPaced({
    batches: log.read(partition, offset, signal),
    take(records: readonly LogRecord[]) {
      for (const record of records) takeRecord(record)
      counters.records.inc({ consumer: faultConsumer }, records.length)
      const last = records.at(-1)
      if (last !== undefined) {
        counters.lag.set(
          { consumer: faultConsumer, partition },
          Math.max(nowMs() - last.receivedAtMs, 0) / 1_000,
        )
      }
      return outputs.length > 0 || probes.length > 0
    },
    commit,
    isRetryable: (error) => !signal.aborted && error instanceof ProactiveError && error.retryable,
    onCommitFailure: (err) =>
      logger.error({ err, partition }, 'faults: the commit failed and is tried again'),
  })
}
