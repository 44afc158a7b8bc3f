import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { IngestLog, LogOutput } from '../log/ingest-log.ts'
import type { PipelineCounters } from './counters.ts'
import { decodeEffect } from './effect-format.ts'
import type { PipelineOutput } from './ports.ts'

export interface ProjectorRunnerOptions {
  readonly log: IngestLog
  readonly partition: string
  /** Carries one output out; a rejection is tried again. */
  readonly passOn: (output: PipelineOutput) => Promise<void>
  readonly counters: PipelineCounters
  readonly logger: Logger
  readonly signal: AbortSignal
}

const firstPauseMs = 250
const longestPauseMs = 15_000

/** Carries out one partition's outputs in order, at least once; acknowledged only when durable elsewhere. Resolves when the signal aborts. */
export async function runProjector(options: ProjectorRunnerOptions): Promise<void> {
  const { log, partition, passOn, counters, logger, signal } = options

  function read(output: LogOutput): PipelineOutput | undefined {
    try {
      return decodeEffect(output.body)
    } catch (err) {
      counters.skipped.inc({ consumer: 'projector', reason: 'unreadable' })
      logger.error(
        { err, partition, outputId: output.id },
        'an output of the log cannot be read and is skipped',
      )
      return undefined
    }
  }

  async function carryOut(effect: PipelineOutput): Promise<boolean> {
    for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        await passOn(effect)
        return true
      } catch (err) {
        counters.projectFailures.inc()
        if (pauseMs === firstPauseMs)
          logger.error(
            { err, partition, type: effect.type },
            'an effect could not be carried out; it is tried again',
          )
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
      }
    }
    return false
  }

  const after = await log.acknowledgedOutputs(partition)
  for await (const batch of log.readOutputs(partition, after, signal)) {
    let done = 0
    for (const output of batch) {
      const effect = read(output)
      if (effect !== undefined && !(await carryOut(effect))) break
      done = output.id
    }
    if (done > 0) await log.acknowledgeOutputs(partition, done)
  }
}
