import {
  type AuditTrail,
  applianceConfigSchema,
  auditTrailSchema,
  type Claim,
  type ClosingCode,
  type ConfirmDevice,
  claimSchema,
  customerSchema,
  type DeviceState,
  deviceStateSchema,
  type FleetAppliance,
  fleetSchema,
  type IssueCounts,
  type IssueDetail,
  type IssuePage,
  issueCountsSchema,
  issueDetailSchema,
  issuePageSchema,
  issueSchema,
  type LocationAgentConfig,
  type LocationDetail,
  type LocationList,
  type LogIn,
  locationAgentConfigSchema,
  locationDetailSchema,
  locationListSchema,
  locationSchema,
  organizationSchema,
  passwordChoiceSchema,
  productSchema,
  routingRuleSchema,
  type Series,
  type SeriesQuery,
  type Session,
  type SetUp,
  seriesSchema,
  sessionSchema,
  setUpStateSchema,
  signOnChoicesSchema,
  stakeSchema,
  teamSchema,
  type SnmpAccess,
  userSchema,
  writtenUserSchema,
} from '@proactive/shared/http'
import { z } from 'zod'
import { request, requestBy } from './client.ts'

const nothing = z.unknown()
const list = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) })

export const api = {
  session: (): Promise<Session> => request(sessionSchema, 'GET', '/api/session'),
  logIn: (body: LogIn): Promise<Session> => request(sessionSchema, 'POST', '/api/session', body),
  signOnChoices: () => request(signOnChoicesSchema, 'GET', '/api/sign-on'),
  setUpState: () => request(setUpStateSchema, 'GET', '/api/setup'),
  setUp: (body: SetUp): Promise<Session> => request(sessionSchema, 'POST', '/api/setup', body),
  changePassword: (body: { current: string; password: string }): Promise<Session> =>
    request(sessionSchema, 'PUT', '/api/session/password', body),
  passwordChoice: (token: string) => requestBy(token, passwordChoiceSchema, 'GET', '/api/password'),
  choosePassword: (token: string, password: string): Promise<Session> =>
    requestBy(token, sessionSchema, 'POST', '/api/password', { password }),
  logOut: (): Promise<unknown> => request(nothing, 'DELETE', '/api/session'),

  locations: (): Promise<LocationList> => request(locationListSchema, 'GET', '/api/locations'),
  location: (id: string): Promise<LocationDetail> =>
    request(locationDetailSchema, 'GET', `/api/locations/${id}`),
  series: (locationId: string, query: SeriesQuery): Promise<Series> =>
    request(seriesSchema, 'GET', `/api/locations/${locationId}/series?${search(query)}`),
  products: (locationId: string) =>
    request(list(productSchema), 'GET', `/api/locations/${locationId}/products`),
  confirmDevice: (locationId: string, deviceId: string, body: ConfirmDevice): Promise<DeviceState> =>
    request(deviceStateSchema, 'PUT', `/api/locations/${locationId}/devices/${deviceId}`, body),

  fleet: (): Promise<{ items: FleetAppliance[] }> => request(fleetSchema, 'GET', '/api/appliances'),
  claim: (locationId: string): Promise<Claim> =>
    request(claimSchema, 'POST', `/api/locations/${locationId}/claims`, {}),
  revoke: (applianceId: string): Promise<unknown> =>
    request(nothing, 'POST', `/api/appliances/${applianceId}/revoke`, {}),
  applianceConfig: (applianceId: string) =>
    request(applianceConfigSchema, 'GET', `/api/appliances/${applianceId}/config`),
  putSnmp: (applianceId: string, body: SnmpAccess): Promise<unknown> =>
    request(nothing, 'PUT', `/api/appliances/${applianceId}/snmp`, body),
  removeSnmp: (applianceId: string): Promise<unknown> =>
    request(nothing, 'DELETE', `/api/appliances/${applianceId}/snmp`),
  agentConfig: (locationId: string): Promise<LocationAgentConfig> =>
    request(locationAgentConfigSchema, 'GET', `/api/locations/${locationId}/agent-config`),
  putAgentConfig: (locationId: string, body: LocationAgentConfig): Promise<LocationAgentConfig> =>
    request(locationAgentConfigSchema, 'PUT', `/api/locations/${locationId}/agent-config`, body),

  organizations: () => request(list(organizationSchema), 'GET', '/api/organizations'),
  teams: () => request(list(teamSchema), 'GET', '/api/teams'),
  users: (organization: string) => request(list(userSchema), 'GET', `/api/users?${search({ organization })}`),
  addOrganization: (body: object) => request(organizationSchema, 'POST', '/api/organizations', body),
  addTeam: (body: object) => request(teamSchema, 'POST', '/api/teams', body),
  addUser: (body: object) => request(writtenUserSchema, 'POST', '/api/users', body),
  removeUser: (id: string): Promise<unknown> => request(nothing, 'DELETE', `/api/users/${id}`),
  ensureCustomer: (body: object) => request(customerSchema, 'POST', '/api/customers', body),
  addLocation: (body: object) => request(locationSchema, 'POST', '/api/locations', body),
  stakes: (locationId: string) => request(list(stakeSchema), 'GET', `/api/locations/${locationId}/stakes`),
  putStake: (locationId: string, body: object): Promise<unknown> =>
    request(nothing, 'POST', `/api/locations/${locationId}/stakes`, body),
  removeStake: (locationId: string, body: object): Promise<unknown> =>
    request(nothing, 'DELETE', `/api/locations/${locationId}/stakes`, body),
  addProduct: (locationId: string, body: object) =>
    request(productSchema, 'POST', `/api/locations/${locationId}/products`, body),
  addRule: (locationId: string, body: object) =>
    request(routingRuleSchema, 'POST', `/api/locations/${locationId}/rules`, body),
  removeRule: (locationId: string, ruleId: string): Promise<unknown> =>
    request(nothing, 'DELETE', `/api/locations/${locationId}/rules/${ruleId}`),
  audit: (): Promise<AuditTrail> => request(auditTrailSchema, 'GET', '/api/audit?limit=200'),

  issues: (query: { queue?: string; location?: string; q?: string; cursor?: string }): Promise<IssuePage> =>
    request(issuePageSchema, 'GET', `/helpdesk/api/issues?${search(query)}`),
  issueCounts: (): Promise<IssueCounts> => request(issueCountsSchema, 'GET', '/helpdesk/api/issues/counts'),
  issue: (id: string): Promise<IssueDetail> =>
    request(issueDetailSchema, 'GET', `/helpdesk/api/issues/${id}`),
  claimIssue: (id: string) => request(issueSchema, 'POST', `/helpdesk/api/issues/${id}/claim`),
  addEntry: (id: string, body: { room: 'public' | 'private' | 'log'; body: string }): Promise<unknown> =>
    request(nothing, 'POST', `/helpdesk/api/issues/${id}/entries`, body),
  resolve: (
    id: string,
    body: {
      resolution: 'Completed' | 'Cancelled'
      text: string
      closingCode?: ClosingCode
      survey: boolean
    },
  ): Promise<unknown> => request(nothing, 'POST', `/helpdesk/api/issues/${id}/resolve`, body),
}

function search(query: object): URLSearchParams {
  const defined = Object.entries(query).filter(([, value]) => value !== undefined)
  return new URLSearchParams(defined.map(([name, value]) => [name, String(value)]))
}
