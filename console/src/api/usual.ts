import { type LocationUsual, locationUsualSchema } from '@proactive/shared/http'
import { request } from './client.ts'

/** What is usual on a Location's paths at this hour. */
export const readUsual = (locationId: string): Promise<LocationUsual> =>
  request(locationUsualSchema, 'GET', `/api/locations/${locationId}/usual`)
