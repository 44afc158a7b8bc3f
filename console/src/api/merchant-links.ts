import { createdMerchantLinkSchema, merchantLinksSchema } from '@proactive/shared/http'
import { z } from 'zod'
import { request } from './client.ts'

const of = (locationId: string) => `/api/locations/${locationId}/merchant-links`

/** Links to the merchant's page of a Location. */
export const merchantLinks = {
  list: (locationId: string) => request(merchantLinksSchema, 'GET', of(locationId)),
  make: (locationId: string) => request(createdMerchantLinkSchema, 'POST', of(locationId), {}),
  revoke: (locationId: string, linkId: string): Promise<unknown> =>
    request(z.unknown(), 'DELETE', `${of(locationId)}/${linkId}`),
}
