import type { Bench } from './bench.ts'
import { codecBench } from './codec.ts'
import { faultsBench } from './faults.ts'
import { helpdeskBench } from './helpdesk.ts'
import { ingestBench } from './ingest.ts'
import { logBench } from './log.ts'
import { metricsBench } from './metrics.ts'
import { sweepBench } from './sweep.ts'
import { telemetryBench } from './telemetry.ts'

/** Every benchmark, by the name that `npm run bench` takes. */
export const benches: readonly Bench[] = [
  codecBench,
  telemetryBench,
  sweepBench,
  metricsBench,
  logBench,
  ingestBench,
  faultsBench,
  helpdeskBench,
]
