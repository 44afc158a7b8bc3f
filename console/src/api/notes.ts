import { locationNoteSchema, locationNotesSchema } from '@proactive/shared/http'
import { z } from 'zod'
import { request } from './client.ts'

const of = (locationId: string) => `/api/locations/${locationId}/notes`

/** Notes on a Location. */
export const notes = {
  list: (locationId: string) => request(locationNotesSchema, 'GET', of(locationId)),
  add: (locationId: string, body: string) => request(locationNoteSchema, 'POST', of(locationId), { body }),
  remove: (locationId: string, noteId: string): Promise<unknown> =>
    request(z.unknown(), 'DELETE', `${of(locationId)}/${noteId}`),
}
