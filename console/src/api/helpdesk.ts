import {
  deadLettersSchema,
  helpdeskStateSchema,
  helpdeskTestSchema,
  locationHelpdeskSchema,
  revivedSchema,
} from '@proactive/shared/http'
import { request } from './client.ts'

/** How Issues reach the helpdesk, and what to do where they do not. */
export const helpdesk = {
  atLocation: (id: string) => request(locationHelpdeskSchema, 'GET', `/api/locations/${id}/helpdesk`),
  state: () => request(helpdeskStateSchema, 'GET', '/api/helpdesk'),
  test: () => request(helpdeskTestSchema, 'POST', '/api/helpdesk/test'),
  deadLetters: () => request(deadLettersSchema, 'GET', '/api/helpdesk/dead-letters'),
  revive: (key: string) => request(revivedSchema, 'POST', `/api/helpdesk/dead-letters/${key}/revive`),
}
