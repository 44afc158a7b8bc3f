import {
  apiTokensSchema,
  channelsSchema,
  createdWebhookSchema,
  deliveryPageSchema,
  deliverySchema,
  faultRulesSchema,
  createdChannelSchema,
  createdTokenSchema,
  locationRecordSchema,
  locationSchema,
  notificationsSchema,
  signOnProviderSchema,
  signOnProvidersSchema,
  testReportSchema,
  passwordLinkSchema,
  webhooksSchema,
  writtenUserSchema,
  type WriteChannel,
  type WriteSignOnProvider,
} from '@proactive/shared/http'
import { z } from 'zod'
import { request } from './client.ts'

const nothing = z.unknown()

/** What admins set up; loaded with their page. */
export const administration = {
  channels: () => request(channelsSchema, 'GET', '/api/channels'),
  addChannel: (body: WriteChannel) => request(createdChannelSchema, 'POST', '/api/channels', body),
  changeChannel: (id: string, body: WriteChannel) =>
    request(createdChannelSchema, 'PUT', `/api/channels/${id}`, body),
  removeChannel: (id: string): Promise<unknown> => request(nothing, 'DELETE', `/api/channels/${id}`),
  testChannel: (id: string) => request(testReportSchema, 'POST', `/api/channels/${id}/test`, {}),
  deliveries: (id: string) => request(notificationsSchema, 'GET', `/api/channels/${id}/deliveries`),

  replayDelivery: (id: string, deliveryId: string): Promise<unknown> =>
    request(nothing, 'POST', `/api/channels/${id}/deliveries/${deliveryId}/replay`, {}),

  webhooks: () => request(webhooksSchema, 'GET', '/helpdesk/api/webhooks'),
  addWebhook: (body: { url: string }) =>
    request(createdWebhookSchema, 'POST', '/helpdesk/api/webhooks', body),
  removeWebhook: (id: string): Promise<unknown> => request(nothing, 'DELETE', `/helpdesk/api/webhooks/${id}`),
  webhookDeliveries: (id: string, cursor?: string) =>
    request(
      deliveryPageSchema,
      'GET',
      `/helpdesk/api/webhooks/${id}/deliveries${cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`}`,
    ),
  replayWebhook: (id: string, deliveryId: string) =>
    request(deliverySchema, 'POST', `/helpdesk/api/webhooks/${id}/deliveries/${deliveryId}/replay`),

  providers: () => request(signOnProvidersSchema, 'GET', '/api/sign-on/providers'),
  addProvider: (body: WriteSignOnProvider) =>
    request(signOnProviderSchema, 'POST', '/api/sign-on/providers', body),
  changeProvider: (id: string, body: WriteSignOnProvider) =>
    request(signOnProviderSchema, 'PUT', `/api/sign-on/providers/${id}`, body),
  removeProvider: (id: string): Promise<unknown> =>
    request(nothing, 'DELETE', `/api/sign-on/providers/${id}`),
  testProvider: (id: string) => request(testReportSchema, 'POST', `/api/sign-on/providers/${id}/test`, {}),

  tokens: () => request(apiTokensSchema, 'GET', '/helpdesk/api/tokens'),
  addToken: (body: object) => request(createdTokenSchema, 'POST', '/helpdesk/api/tokens', body),
  endToken: (id: string): Promise<unknown> => request(nothing, 'DELETE', `/helpdesk/api/tokens/${id}`),

  faultRules: () => request(faultRulesSchema, 'GET', '/api/fault-rules'),
  trustRule: (faultClass: string): Promise<unknown> =>
    request(nothing, 'POST', `/api/fault-rules/${faultClass}/trust`),
  changeUser: (id: string, body: object) => request(writtenUserSchema, 'PUT', `/api/users/${id}`, body),
  passwordLink: (id: string) => request(passwordLinkSchema, 'POST', `/api/users/${id}/password-link`, {}),
  locationRecord: (id: string) => request(locationRecordSchema, 'GET', `/api/locations/${id}/record`),
  changeLocation: (id: string, body: object) => request(locationSchema, 'PUT', `/api/locations/${id}`, body),
}
