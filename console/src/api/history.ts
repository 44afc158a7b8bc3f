import {
  type ChangePage,
  type ChangeQuery,
  changePageSchema,
  type DeviceIdentity,
  deviceIdentitySchema,
  type IncidentPage,
  incidentPageSchema,
  type InterfaceList,
  interfaceListSchema,
} from '@proactive/shared/http'
import { request } from './client.ts'

const of = (id: string, rest: string) => `/api/locations/${id}/${rest}`

/** How a Location became what it is, and what its equipment tells of itself. */
export const history = {
  changes: (id: string, query: ChangeQuery): Promise<ChangePage> => {
    const values = Object.entries(query).map(([name, value]) => [name, String(value)])
    return request(changePageSchema, 'GET', of(id, `changes?${new URLSearchParams(values)}`))
  },
  identity: (id: string, deviceId: string): Promise<DeviceIdentity> =>
    request(deviceIdentitySchema, 'GET', of(id, `devices/${deviceId}/identity`)),
  interfaces: (id: string, deviceId: string): Promise<InterfaceList> =>
    request(interfaceListSchema, 'GET', of(id, `devices/${deviceId}/interfaces`)),
  incident: (key: string): Promise<IncidentPage> =>
    request(incidentPageSchema, 'GET', `/api/incidents/${key}`),
}
