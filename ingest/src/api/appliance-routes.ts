import { type AgentConfig, type Reported, topicToken } from '@proactive/shared'
import {
  applianceConfigSchema,
  type CommandAnswer,
  commandAnswerSchema,
  fleetSchema,
  runCommandSchema,
  snmpAccessSchema,
} from '@proactive/shared/http'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { CommandOutcome, CommandToRun } from '../commands/dispatcher.ts'
import { access } from './access.ts'
import { lineType, streamCommand } from './command-stream.ts'
import type { App, WebContext } from './context.ts'
import { actorOf } from './guard.ts'
import { ProblemError } from './problem.ts'

const tags = ['appliances']
const params = z.strictObject({ id: topicToken })

/** Live tools on an appliance, and its end of service. */
export function registerApplianceRoutes(app: App, context: WebContext): void {
  const { commands, directory, audit } = context
  const byTechnician = access({ role: 'technician', scope: 'appliance' })
  const byAdmin = access({ role: 'admin', scope: 'appliance' })

  app.get(
    '/api/appliances',
    {
      config: access({ role: 'viewer' }),
      schema: {
        tags,
        summary: 'Appliances of all Locations with a stake',
        response: { 200: fleetSchema },
      },
    },
    async (request) => ({ items: await directory.appliances.fleetOf(actorOf(request).organizationId) }),
  )

  app.get(
    '/api/appliances/:id/config',
    {
      config: byTechnician,
      schema: {
        tags,
        summary: 'The configuration that is wanted, beside the one in force',
        params,
        response: { 200: applianceConfigSchema },
      },
    },
    async (request) => {
      const { id } = request.params
      const [desired, reported, standing] = await Promise.all([
        directory.desired.current(id),
        directory.desired.reported(id),
        directory.snmp.standing(id, actorOf(request).organizationId),
      ])
      return {
        ...standing,
        desired:
          desired === undefined ? null : { version: desired.version, config: unsealed(desired.config) },
        reported: reported === undefined ? null : withoutFormat(reported),
      }
    },
  )

  const recordSnmp = (request: FastifyRequest, id: string, detail: string) =>
    audit.record({
      actor: actorOf(request).userId,
      action: 'snmp',
      subject: id,
      outcome: 'done',
      address: request.ip,
      detail,
    })

  app.put(
    '/api/appliances/:id/snmp',
    {
      config: byAdmin,
      schema: {
        tags,
        summary:
          'What opens the router’s SNMP: sealed to the appliance’s key here and now, never shown again. For admins of whoever runs the network there or sealed what stands',
        params,
        body: snmpAccessSchema,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await directory.snmp.put(id, request.body, actorOf(request))
      await recordSnmp(request, id, `sealed ${request.body.kind}`)
      return reply.code(204).send()
    },
  )

  app.delete(
    '/api/appliances/:id/snmp',
    {
      config: byAdmin,
      schema: {
        tags,
        summary: 'Take back what opens SNMP: what was set on site holds again',
        params,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await directory.snmp.remove(id, actorOf(request))
      await recordSnmp(request, id, 'taken back')
      return reply.code(204).send()
    },
  )

  app.post(
    '/api/appliances/:id/commands',
    {
      config: { ...byTechnician, rateLimit: { max: 120, timeWindow: 60_000 } },
      schema: {
        tags,
        summary:
          'Run a live tool now, or answer 409 at once; `accept: application/x-ndjson` tells each part as it comes',
        params,
        body: runCommandSchema,
        response: { 200: commandAnswerSchema },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { request: action, budgetMs } = request.body
      // Written before it runs: a trail must not miss what crashed the program.
      const auditId = await audit.record({
        actor: actorOf(request).userId,
        action: 'command',
        subject: id,
        outcome: 'done',
        address: request.ip,
        detail: JSON.stringify(action),
      })
      const run = (onProgress?: CommandToRun['onProgress']) =>
        commands.run({
          applianceId: id,
          request: action,
          budgetMs,
          auditId,
          ...(onProgress === undefined ? {} : { onProgress }),
        })
      const settle = (outcome: CommandOutcome) => answerOf(outcome, auditId, budgetMs)
      if (request.headers.accept?.includes(lineType)) {
        reply.hijack()
        for (const [name, value] of Object.entries(reply.getHeaders()))
          if (value !== undefined) reply.raw.setHeader(name, value)
        reply.raw.writeHead(200, {
          'content-type': lineType,
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        })
        streamCommand(run, auditId, settle).pipe(reply.raw)
        return reply
      }
      return settle(await run())
    },
  )

  app.post(
    '/api/appliances/:id/revoke',
    {
      config: byTechnician,
      schema: {
        tags,
        summary: 'End an appliance’s service: its certificate counts no longer, its connection is cut',
        params,
        body: z.strictObject({}).nullish(),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await directory.appliances.revoke(id)
      await audit.record({
        actor: actorOf(request).userId,
        action: 'revoke',
        subject: id,
        outcome: 'done',
        address: request.ip,
      })
      return reply.code(204).send()
    },
  )
}

/** @throws ProblemError where there is no answer */
function answerOf(outcome: CommandOutcome, auditId: string, budgetMs: number): CommandAnswer {
  switch (outcome.kind) {
    case 'answered':
      return { auditId, result: outcome.result }
    case 'offline':
      throw new ProblemError(409, 'appliance-offline', 'The appliance is not connected: nothing was asked.')
    case 'busy':
      throw new ProblemError(
        429,
        'appliance-busy',
        'The appliance works on other commands: try again in a moment.',
        1,
      )
    case 'timeout':
      throw new ProblemError(504, 'command-timeout', `The appliance did not answer within ${budgetMs} ms.`)
  }
}

/** Sealed secrets leave for the appliance only. */
function unsealed({
  sealedSnmpCommunity: _,
  ...config
}: AgentConfig): Omit<AgentConfig, 'sealedSnmpCommunity'> {
  return config
}

function withoutFormat({ v: _, ...reported }: Reported): Omit<Reported, 'v'> {
  return reported
}
