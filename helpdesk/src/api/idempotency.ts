import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Database } from '../db/open.ts'
import { actorOf } from './guard.ts'
import { ProblemError } from './problem.ts'

/** How long a repeat is answered as the first was. */
export const idempotencyKeptMs = 24 * 3_600_000
const keyPattern = /^[\x21-\x7e]{8,200}$/
const maxKeptBytes = 64 * 1024

/**
 * `Idempotency-Key` on a POST of a person or program: a repeat within 24 h gets the first answer again, the same key with another
 * request is refused, and a repeat while the first is under way is told to wait. Kept per actor. A crash between an operation and the
 * writing of its answer leaves a repeat to be carried out again.
 */
export function createIdempotency(db: Database, nowMs: () => number) {
  const underWay = new Set<string>()
  const heldBy = new WeakMap<FastifyRequest, { place: string; actor: string; key: string; hash: string }>()

  return {
    /** Hook `preHandler`. */
    async before(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      const key = request.headers['idempotency-key']
      const actor = actorOf(request)
      if (key === undefined || request.method !== 'POST' || actor?.kind !== 'user') return
      if (typeof key !== 'string' || !keyPattern.test(key))
        throw new ProblemError(400, 'invalid-request', 'An Idempotency-Key has 8 to 200 visible characters.')
      const hash = hashOf(request)
      const row = await db
        .selectFrom('idempotency')
        .selectAll()
        .where('actor', '=', actor.id)
        .where('key', '=', key)
        .where('at_ms', '>', nowMs() - idempotencyKeptMs)
        .executeTakeFirst()
      if (row !== undefined) {
        if (row.request_hash !== hash)
          throw new ProblemError(
            422,
            'idempotency-mismatch',
            'This Idempotency-Key was used for another request.',
          )
        return reply
          .code(row.status)
          .type(row.type)
          .header('idempotency-replayed', 'true')
          .serializer((body: unknown) => String(body))
          .send(row.body)
      }
      const place = `${actor.id} ${key}`
      if (underWay.has(place))
        throw new ProblemError(
          409,
          'in-progress',
          'The first request with this Idempotency-Key is under way.',
        )
      underWay.add(place)
      heldBy.set(request, { place, actor: actor.id, key, hash })
    },
    /** Hook `onSend`: keeps the answer; server errors are not kept, so that a repeat may succeed. */
    async after(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void> {
      const held = heldBy.get(request)
      if (held === undefined || typeof payload !== 'string') return
      if (reply.statusCode >= 500 || payload.length > maxKeptBytes) return
      const row = {
        request_hash: held.hash,
        status: reply.statusCode,
        type: String(reply.getHeader('content-type') ?? 'application/json'),
        body: payload,
        at_ms: nowMs(),
      }
      await db
        .insertInto('idempotency')
        .values({ actor: held.actor, key: held.key, ...row })
        .onConflict((conflict) => conflict.columns(['actor', 'key']).doUpdateSet(row))
        .execute()
    },
    /** Hook `onResponse`. */
    release(request: FastifyRequest): void {
      const held = heldBy.get(request)
      if (held !== undefined) underWay.delete(held.place)
    },
  }
}

function hashOf(request: FastifyRequest): string {
  const body = Buffer.isBuffer(request.body) ? request.body : JSON.stringify(request.body ?? null)
  return createHash('sha256').update(`${request.method} ${request.url}\n`).update(body).digest('hex')
}
