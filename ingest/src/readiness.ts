import type { ReadinessCheck } from './api/index.ts'
import type { Database } from './db/index.ts'
import type { LocationView } from './faults/index.ts'
import type { MetricBackend } from './pipeline/metric-backend.ts'
import type { Pipeline } from './pipeline/pipeline.ts'

/** What readiness is asked of. */
export interface ReadinessParts {
  readonly database: Database
  readonly backend: Pick<MetricBackend, 'trouble'>
  readonly pipeline: Pick<Pipeline, 'failure'>
  readonly profile: 'production' | 'lab'
}

/** What `/readyz` answers: able to work; in the lab also that the Location is inventoried and its start-up hold is over. */
export async function checkReadiness(parts: ReadinessParts): Promise<ReadinessCheck[]> {
  const { backend, pipeline } = parts
  const rows = await parts.database.db
    .selectFrom('location_views')
    .select('view')
    .limit(parts.profile === 'lab' ? 100 : 1)
    .execute()
    .catch((error: unknown) => String(error))
  const checks = [
    check('pipeline', pipeline.failure && `The pipeline has ended: ${pipeline.failure.message}.`),
    check('metric store', backend.trouble),
    check('database', typeof rows === 'string' ? `The database does not answer: ${rows}.` : undefined),
  ]
  if (parts.profile !== 'lab' || typeof rows === 'string') return checks
  const isInventoried = rows.some(({ view }) => (JSON.parse(view) as LocationView).isInventoried)
  return [...checks, check('inventory', isInventoried ? undefined : 'No Location is inventoried yet.')]
}

function check(name: string, detail: string | undefined): ReadinessCheck {
  return { name, isReady: detail === undefined, ...(detail === undefined ? {} : { detail }) }
}
