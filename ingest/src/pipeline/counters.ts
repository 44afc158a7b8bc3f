import { Counter, Gauge, type Registry } from 'prom-client'

/** What the consumers of the log count. */
export function createPipelineCounters(registry: Registry) {
  const registers = [registry]
  return {
    records: new Counter({
      name: 'proactive_pipeline_records_total',
      help: 'Records taken from the log, by consumer',
      labelNames: ['consumer'],
      registers,
    }),
    repeats: new Counter({
      name: 'proactive_pipeline_repeats_total',
      help: 'Messages that had been taken before (at least once on the wire), by consumer',
      labelNames: ['consumer'],
      registers,
    }),
    skipped: new Counter({
      name: 'proactive_pipeline_skipped_total',
      help: 'Records or rows that told nothing, by consumer and reason',
      labelNames: ['consumer', 'reason'],
      registers,
    }),
    probes: new Counter({
      name: 'proactive_pipeline_probes_total',
      help: 'Probes that the fault core asked for, by answer',
      labelNames: ['answer'],
      registers,
    }),
    projectFailures: new Counter({
      name: 'proactive_pipeline_project_failures_total',
      help: 'Effects that could not be carried out at once and were tried again',
      registers,
    }),
    lag: new Gauge({
      name: 'proactive_pipeline_lag_seconds',
      help: 'Age of the record taken last, when it was taken, by consumer and partition',
      labelNames: ['consumer', 'partition'],
      registers,
    }),
  }
}
export type PipelineCounters = ReturnType<typeof createPipelineCounters>
