import {
  type IssueDetail,
  type IssuePage,
  issueDetailSchema,
  issuePageSchema,
  issueSchema,
  type LocationDetail,
  type LocationList,
  locationDetailSchema,
  locationListSchema,
  type LogIn,
  type Series,
  type SeriesQuery,
  type Session,
  seriesSchema,
  sessionSchema,
  type SetUp,
  setUpStateSchema,
} from '@proactive/shared/http'
import { z } from 'zod'
import { request } from './client.ts'

const nothing = z.unknown()

export const api = {
  session: (): Promise<Session> => request(sessionSchema, 'GET', '/api/session'),
  logIn: (body: LogIn): Promise<Session> => request(sessionSchema, 'POST', '/api/session', body),
  setUpState: () => request(setUpStateSchema, 'GET', '/api/setup'),
  setUp: (body: SetUp): Promise<Session> => request(sessionSchema, 'POST', '/api/setup', body),
  logOut: (): Promise<unknown> => request(nothing, 'DELETE', '/api/session'),
  locations: (): Promise<LocationList> => request(locationListSchema, 'GET', '/api/locations'),
  location: (id: string): Promise<LocationDetail> =>
    request(locationDetailSchema, 'GET', `/api/locations/${id}`),
  series: (locationId: string, query: SeriesQuery): Promise<Series> =>
    request(seriesSchema, 'GET', `/api/locations/${locationId}/series?${search(query)}`),
  issues: (query: { queue?: string; location?: string }): Promise<IssuePage> =>
    request(issuePageSchema, 'GET', `/helpdesk/api/issues?${search(query)}`),
  issue: (id: string): Promise<IssueDetail> =>
    request(issueDetailSchema, 'GET', `/helpdesk/api/issues/${id}`),
  claim: (id: string) => request(issueSchema, 'POST', `/helpdesk/api/issues/${id}/claim`),
  addEntry: (id: string, body: { room: 'public' | 'private' | 'log'; body: string }): Promise<unknown> =>
    request(nothing, 'POST', `/helpdesk/api/issues/${id}/entries`, body),
  resolve: (id: string, body: { resolution: 'Completed' | 'Cancelled'; text: string }): Promise<unknown> =>
    request(nothing, 'POST', `/helpdesk/api/issues/${id}/resolve`, body),
}

function search(query: object): URLSearchParams {
  const defined = Object.entries(query).filter(([, value]) => value !== undefined)
  return new URLSearchParams(defined.map(([name, value]) => [name, String(value)]))
}
