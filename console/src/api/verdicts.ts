import type { IncidentVerdict } from '@proactive/shared/http'
import { z } from 'zod'
import { request } from './client.ts'

/** What an incident of a rule on probation turned out to be. */
export const verdicts = {
  say: (locationId: string, key: string, verdict: IncidentVerdict): Promise<unknown> =>
    request(z.unknown(), 'POST', `/api/locations/${locationId}/incidents/${key}/verdict`, verdict),
}
