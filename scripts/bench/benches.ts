import type { Bench } from './bench.ts'
import { codecBench } from './codec.ts'
import { edgeBench } from './edge.ts'
import { faultsBench } from './faults.ts'
import { helpdeskBench } from './helpdesk.ts'
import { ingestBench } from './ingest.ts'
import { logBench } from './log.ts'
import { metricsBench } from './metrics.ts'
import { probeBench } from './probe.ts'
import { sweepBench } from './sweep.ts'
import { telemetryBench } from './telemetry.ts'

/** Every benchmark, by the name that `npm run bench` takes. */
export const benches: readonly Bench[] = [
  codecBench,
  telemetryBench,
  sweepBench,
  probeBench,
  edgeBench,
  metricsBench,
  logBench,
  ingestBench,
  faultsBench,
  helpdeskBench,
]
