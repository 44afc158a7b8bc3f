import type { EpochMs } from '@proactive/shared'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { CommandDispatcher } from '../commands/dispatcher.ts'
import type { FleetCore } from '../faults/index.ts'
import type { FaultCore } from '../faults/model.ts'
import type { IngestLog } from '../log/ingest-log.ts'
import { fleetScope } from '../log/partitions.ts'
import type { MetricWriter } from '../metrics/metric-writer.ts'
import { createPipelineCounters } from './counters.ts'
import { runFaults } from './fault-runner.ts'
import { runFleet } from './fleet-runner.ts'
import { runMetrics } from './metric-runner.ts'
import { createPassOn } from './pass-on.ts'
import type { LocationConfigSink, Projector, ProviderOf, StakeOf } from './ports.ts'
import { runProjector } from './projector-runner.ts'

/** Everything behind the log: the fault core, its outputs, and the metrics, one runner each per partition. */
export interface Pipeline extends LocationConfigSink {
  start(): void
  /** Why it ended by itself; undefined while it runs. */
  readonly failure: Error | undefined
  /** Ends the runners after what they have in hand; what is not committed is taken again at the next start. Safe to call twice. */
  stop(): Promise<void>
}

export interface PipelineOptions<State> {
  readonly log: IngestLog
  readonly core: FaultCore<State>
  /** Finds the one fault behind many Locations. */
  readonly fleet: FleetCore
  /** Absent = no table of providers is given. */
  readonly providerOf?: ProviderOf
  /** Absent = all Locations are of one owner. */
  readonly stakeOf?: StakeOf
  readonly commands: CommandDispatcher
  readonly projector: Projector
  readonly writer: Pick<MetricWriter, 'write'>
  readonly metrics: Registry
  readonly logger: Logger
  readonly nowMs: () => EpochMs
  readonly onStored: (locationId: string, newestAtMs: EpochMs, receivedAtMs: EpochMs) => void
  /** A runner ended with an error that cannot be mended here; the program should end and be started anew. */
  readonly onFailure: (error: Error) => void
}

export function createPipeline<State>(options: PipelineOptions<State>): Pipeline {
  const { log, logger } = options
  const counters = createPipelineCounters(options.metrics)
  const stopping = new AbortController()
  const runners: Promise<void>[] = []
  const passOn = createPassOn({
    log,
    projector: options.projector,
    providerOf: options.providerOf ?? (() => null),
    ...(options.stakeOf === undefined ? {} : { stakeOf: options.stakeOf }),
  })
  let failure: Error | undefined

  function watch(runner: Promise<void>): void {
    const watched = runner.catch((error: unknown) => {
      if (stopping.signal.aborted || failure !== undefined) return
      failure = error instanceof Error ? error : new Error(String(error))
      options.onFailure(failure)
    })
    runners.push(watched)
  }

  const tell = async (locationId: string, event: Parameters<IngestLog['append']>[0] & { from: 'ingest' }) => {
    await log.append(event, `config/${locationId}`)
  }

  return {
    start() {
      for (const partition of log.partitions) {
        const common = {
          ...options,
          passOn,
          counters,
          partition,
          logger: logger.child({ partition }),
          signal: stopping.signal,
        }
        watch(partition === fleetScope ? runFleet(common) : runFaults(common))
        // Of the fleet's partition it takes nothing, but its commits let the log be trimmed.
        watch(runMetrics(common))
        watch(runProjector(common))
      }
    },
    get failure() {
      return failure
    },
    configure: (config) =>
      tell(config.locationId, {
        from: 'ingest',
        locationId: config.locationId,
        event: { type: 'location-configured', config },
      }),
    remove: (locationId) =>
      tell(locationId, { from: 'ingest', locationId, event: { type: 'location-removed' } }),
    async stop() {
      stopping.abort()
      await Promise.all(runners)
    },
  }
}
