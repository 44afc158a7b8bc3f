import {
  auditQuerySchema,
  auditTrailSchema,
  createOrganizationSchema,
  createTeamSchema,
  createUserSchema,
  organizationSchema,
  passwordLinkSchema,
  teamSchema,
  userSchema,
  writeUserSchema,
  writtenUserSchema,
} from '@proactive/shared/http'
import { topicToken } from '@proactive/shared'
import { z } from 'zod'
import { newId } from '../directory/new-id.ts'
import { type Actor, access } from './access.ts'
import type { App, WebContext } from './context.ts'
import { recorderOf } from './directory-trail.ts'
import { actorOf } from './guard.ts'
import { notFound, ProblemError } from './problem.ts'

const tags = ['directory']

/** Organizations, Teams and Users: names for everybody who is logged in, changes for admins. */
export function registerPeopleRoutes(app: App, context: WebContext): void {
  const { people, passwordLinks } = context.directory
  const record = recorderOf(context)
  const byAdmin = access({ role: 'admin' })
  const everybody = access({ role: 'viewer' })

  app.get(
    '/api/organizations',
    {
      config: everybody,
      schema: {
        tags,
        summary: 'Organizations of the ecosystem, by name',
        response: { 200: z.object({ items: z.array(organizationSchema) }) },
      },
    },
    async () => ({ items: await people.organizations() }),
  )

  app.post(
    '/api/organizations',
    {
      config: access({ role: 'admin', scope: 'operator' }),
      schema: {
        tags,
        summary: 'A new Organization',
        body: createOrganizationSchema,
        response: { 201: organizationSchema },
      },
    },
    async (request, reply) => {
      const organization = { id: newId('org'), ...request.body }
      await people.putOrganization(organization)
      await record(request, organization.id)
      return reply.code(201).send(organization)
    },
  )

  app.get(
    '/api/teams',
    {
      config: everybody,
      schema: {
        tags,
        summary: 'Teams of the ecosystem, by name: who an Issue can belong to',
        response: { 200: z.object({ items: z.array(teamSchema) }) },
      },
    },
    async () => ({ items: await people.teams() }),
  )

  app.post(
    '/api/teams',
    {
      config: byAdmin,
      schema: { tags, summary: 'A new Team', body: createTeamSchema, response: { 201: teamSchema } },
    },
    async (request, reply) => {
      refuseForeign(actorOf(request), request.body.organizationId)
      const team = { id: newId('team'), ...request.body }
      await people.putTeam(team)
      await record(request, team.id)
      return reply.code(201).send(team)
    },
  )

  app.get(
    '/api/users',
    {
      config: byAdmin,
      schema: {
        tags,
        summary: 'Users of the own Organization; the operator may name another',
        querystring: z.strictObject({ organization: topicToken.optional() }),
        response: { 200: z.object({ items: z.array(userSchema) }) },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const organizationId = request.query.organization ?? actor.organizationId
      refuseForeign(actor, organizationId)
      return { items: await people.users(organizationId) }
    },
  )

  app.post(
    '/api/users',
    {
      config: byAdmin,
      schema: { tags, summary: 'A new User', body: createUserSchema, response: { 201: writtenUserSchema } },
    },
    async (request, reply) => {
      const { password, ...rest } = request.body
      const actor = actorOf(request)
      refuseForeign(actor, rest.organizationId)
      const user = { id: newId('user'), ...rest, email: rest.email.toLowerCase() }
      await people.putUser(user, password)
      await record(request, user.id)
      const passwordLink =
        password === undefined ? await passwordLinks.make(user.id, actor.userId) : undefined
      return reply.code(201).send({ ...user, ...(passwordLink === undefined ? {} : { passwordLink }) })
    },
  )

  app.put(
    '/api/users/:userId',
    {
      config: byAdmin,
      schema: {
        tags,
        summary: 'Change a User; a new password ends their sessions, another address hands the User over',
        params: z.strictObject({ userId: topicToken }),
        body: writeUserSchema,
        response: { 200: writtenUserSchema },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const { userId } = request.params
      const { password, ...rest } = request.body
      const account = await people.findAccount(userId)
      if (account === undefined || !mayManage(actor, account.user.organizationId)) throw notFound('User')
      if (userId === actor.userId && rest.role !== actor.role)
        throw new ProblemError(409, 'conflict', 'Nobody changes the own role: ask another admin.')
      const user = { ...account.user, ...rest, email: rest.email.toLowerCase() }
      const isSamePerson = userId === actor.userId
      const { isHandedOver } = await people.putUser(user, password, { isSamePerson })
      await record(request, userId)
      const passwordLink = isHandedOver ? await passwordLinks.make(userId, actor.userId) : undefined
      return { ...user, ...(passwordLink === undefined ? {} : { passwordLink }) }
    },
  )

  app.post(
    '/api/users/:userId/password-link',
    {
      config: { ...byAdmin, rateLimit: { max: 30, timeWindow: 60_000 } },
      schema: {
        tags,
        summary: 'A link by which a User chooses a password, once; it ends the former link, not the password',
        params: z.strictObject({ userId: topicToken }),
        body: z.strictObject({}).nullish(),
        response: { 201: passwordLinkSchema },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { userId } = request.params
      const account = await people.findAccount(userId)
      if (account === undefined || !mayManage(actor, account.user.organizationId)) throw notFound('User')
      const link = await passwordLinks.make(userId, actor.userId)
      await record(request, userId)
      return reply.code(201).send(link)
    },
  )

  app.get(
    '/api/audit',
    {
      config: access({ role: 'admin', scope: 'operator' }),
      schema: {
        tags: ['audit'],
        summary: 'Who did what, newest first',
        querystring: auditQuerySchema,
        response: { 200: auditTrailSchema },
      },
    },
    async (request) => ({ items: await context.audit.list(request.query) }),
  )

  app.delete(
    '/api/users/:userId',
    {
      config: byAdmin,
      schema: {
        tags,
        summary: 'Takes a User out of service; the own sessions of theirs end at once',
        params: z.strictObject({ userId: topicToken }),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { userId } = request.params
      if (userId === actor.userId)
        throw new ProblemError(
          409,
          'conflict',
          'Nobody can take themselves out of service: ask another admin.',
        )
      const account = await people.findAccount(userId)
      if (account === undefined || !mayManage(actor, account.user.organizationId)) throw notFound('User')
      await people.disableUser(userId)
      await record(request, userId)
      return reply.code(204).send()
    },
  )
}

/** Admins manage their own Organization; those of the operator manage all. */
function mayManage(actor: Actor, organizationId: string): boolean {
  return actor.isOperator || actor.organizationId === organizationId
}

function refuseForeign(actor: Actor, organizationId: string): void {
  if (!mayManage(actor, organizationId))
    throw new ProblemError(403, 'forbidden', 'Only an admin of that Organization may do this.')
}
