import {
  createCustomerSchema,
  createProductSchema,
  createRoutingRuleSchema,
  customerSchema,
  locationAgentConfigSchema,
  locationRecordSchema,
  locationSchema,
  productSchema,
  routingRuleSchema,
  stakeSchema,
  writeLocationSchema,
  writeStakeSchema,
} from '@proactive/shared/http'
import { topicToken } from '@proactive/shared'
import { z } from 'zod'
import { newId } from '../directory/new-id.ts'
import { access } from './access.ts'
import type { App, WebContext } from './context.ts'
import { recorderOf } from './directory-trail.ts'
import { actorOf } from './guard.ts'
import { notFound } from './problem.ts'

const tags = ['directory']
const params = z.strictObject({ id: topicToken })

/** Customers, Locations, and who answers for what there. Reading follows the stake; changing is for the operator's admins. */
export function registerDirectoryRoutes(app: App, context: WebContext): void {
  const { places, products, routing, desired } = context.directory
  const record = recorderOf(context)
  const byOperator = access({ role: 'admin', scope: 'operator' })
  const atStake = access({ role: 'viewer', scope: 'location' })

  app.post(
    '/api/customers',
    {
      config: byOperator,
      schema: {
        tags,
        summary: 'The Customer of a number, made now where it lacks',
        body: createCustomerSchema,
        response: { 200: customerSchema, 201: customerSchema },
      },
    },
    async (request, reply) => {
      const wanted = { id: newId('cust'), ...request.body }
      const customer = await places.ensureCustomer(wanted)
      const isNew = customer.id === wanted.id
      if (isNew) await record(request, customer.id)
      return reply.code(isNew ? 201 : 200).send(customer)
    },
  )

  app.post(
    '/api/locations',
    {
      config: byOperator,
      schema: {
        tags,
        summary: 'A new Location; the operator gets a support stake in it',
        body: writeLocationSchema,
        response: { 201: locationSchema },
      },
    },
    async (request, reply) => {
      const { hasBackupUplink, ...rest } = request.body
      const location = { id: newId('loc'), ...rest }
      await places.putLocation(location, hasBackupUplink === undefined ? {} : { hasBackupUplink })
      const { organizationId } = actorOf(request)
      await places.putStake({ locationId: location.id, organizationId, kind: 'support' })
      await record(request, location.id)
      return reply.code(201).send(location)
    },
  )

  app.get(
    '/api/locations/:id/record',
    {
      config: byOperator,
      schema: {
        tags,
        summary: 'A Location as it is written, for its form',
        params,
        response: { 200: locationRecordSchema },
      },
    },
    async (request) => {
      const { id } = request.params
      const location = await places.location(id)
      if (location === undefined) throw notFound('Location')
      const { id: _, ...rest } = location
      return { ...rest, hasBackupUplink: await places.hasBackupUplink(id) }
    },
  )

  app.put(
    '/api/locations/:id',
    {
      config: byOperator,
      schema: {
        tags,
        summary: 'Change a Location',
        params,
        body: writeLocationSchema,
        response: { 200: locationSchema },
      },
    },
    async (request) => {
      const { id } = request.params
      if ((await places.location(id)) === undefined) throw notFound('Location')
      const { hasBackupUplink, ...rest } = request.body
      const location = { id, ...rest }
      await places.putLocation(location, hasBackupUplink === undefined ? {} : { hasBackupUplink })
      await record(request, id)
      return location
    },
  )

  app.get(
    '/api/locations/:id/stakes',
    {
      config: atStake,
      schema: {
        tags,
        summary: 'Who has a stake in a Location',
        params,
        response: { 200: z.object({ items: z.array(stakeSchema) }) },
      },
    },
    async (request) => ({ items: await places.stakes(request.params.id) }),
  )

  for (const method of ['POST', 'DELETE'] as const)
    app.route({
      method,
      url: '/api/locations/:id/stakes',
      config: byOperator,
      schema: {
        tags,
        summary: method === 'POST' ? 'Give an Organization a stake' : 'Take a stake away',
        params,
        body: writeStakeSchema,
        response: { 204: z.undefined() },
      },
      handler: async (request, reply) => {
        const stake = { locationId: request.params.id, ...request.body }
        await (method === 'POST' ? places.putStake(stake) : places.removeStake(stake))
        await record(request, stake.locationId)
        return reply.code(204).send()
      },
    })

  app.get(
    '/api/locations/:id/products',
    {
      config: atStake,
      schema: {
        tags,
        summary: 'Products of a Location',
        params,
        response: { 200: z.object({ items: z.array(productSchema) }) },
      },
    },
    async (request) => ({ items: await products.list(request.params.id) }),
  )

  app.post(
    '/api/locations/:id/products',
    {
      config: byOperator,
      schema: {
        tags,
        summary: 'A new product at a Location',
        params,
        body: createProductSchema,
        response: { 201: productSchema },
      },
    },
    async (request, reply) => {
      const product = { id: newId('prod'), locationId: request.params.id, ...request.body }
      await products.putProduct(product)
      await record(request, product.id)
      return reply.code(201).send({ ...product, deviceIds: [] })
    },
  )

  app.post(
    '/api/locations/:id/rules',
    {
      config: byOperator,
      schema: {
        tags,
        summary: 'Who answers for a product, a role, or everything else',
        params,
        body: createRoutingRuleSchema,
        response: { 201: routingRuleSchema },
      },
    },
    async (request, reply) => {
      const rule = { id: newId('rule'), locationId: request.params.id, ...request.body }
      await routing.putRule(rule)
      await record(request, rule.id)
      return reply.code(201).send(rule)
    },
  )

  app.delete(
    '/api/locations/:id/rules/:ruleId',
    {
      config: byOperator,
      schema: {
        tags,
        summary: 'Remove a rule',
        params: params.extend({ ruleId: topicToken }),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { id, ruleId } = request.params
      await routing.removeRule(id, ruleId)
      await record(request, ruleId)
      return reply.code(204).send()
    },
  )

  app.get(
    '/api/locations/:id/agent-config',
    {
      config: access({ role: 'technician', scope: 'location' }),
      schema: {
        tags,
        summary: 'What the appliances of a Location shall do',
        params,
        response: { 200: locationAgentConfigSchema },
      },
    },
    async (request) => desired.locationConfig(request.params.id),
  )

  app.put(
    '/api/locations/:id/agent-config',
    {
      config: access({ role: 'technician', scope: 'location' }),
      schema: {
        tags,
        summary: 'Change it; connected appliances hear it at once',
        params,
        body: locationAgentConfigSchema,
        response: { 200: locationAgentConfigSchema },
      },
    },
    async (request) => {
      await desired.putLocationConfig(request.params.id, request.body)
      await record(request, request.params.id)
      return desired.locationConfig(request.params.id)
    },
  )
}
