import type { FastifyRequest } from 'fastify'
import type { WebContext } from './context.ts'
import { actorOf } from './guard.ts'

/** Writes a change of the directory into the audit trail; bodies are not written, they may carry passwords. */
export function recorderOf({ audit }: WebContext) {
  return async (request: FastifyRequest, subject: string): Promise<void> => {
    await audit.record({
      actor: actorOf(request).userId,
      action: 'directory',
      subject,
      outcome: 'done',
      address: request.ip,
      detail: `${request.method} ${request.routeOptions.url ?? ''}`,
    })
  }
}
