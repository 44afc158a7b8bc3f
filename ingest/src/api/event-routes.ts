import type { ServerResponse } from 'node:http'
import { topicToken } from '@proactive/shared'
import { z } from 'zod'
import { access, type Actor } from './access.ts'
import type { App, WebContext } from './context.ts'
import { visitorOf } from './guard.ts'
import type { NumberedEvent } from './live-feed.ts'
import { notFound, ProblemError } from './problem.ts'
import { loadSight, locationOf, maySee, type Sight } from './sight.ts'

const defaultHeartbeatMs = 15_000
const maxStreams = 2_000
const maxStreamsPerUser = 16
/** A client that lets this much pile up is too slow: it is cut, comes back by itself and resumes. */
const maxPendingBytes = 1_024 * 1_024

/** Live events by server-sent events (WHATWG HTML §9.2): only what the actor may see, resumed by `Last-Event-ID`. */
export function registerEventRoutes(app: App, context: WebContext): void {
  const { feed, directory, sessions, counters, log } = context
  const heartbeatMs = context.heartbeatMs ?? defaultHeartbeatMs
  const open = new Set<{ readonly userId: string; readonly end: () => void }>()
  app.addHook('preClose', async () => {
    for (const stream of [...open]) stream.end()
  })

  app.get(
    '/api/events',
    {
      config: access({ role: 'viewer' }),
      schema: {
        tags: ['events'],
        summary: 'Live events as text/event-stream',
        querystring: z.strictObject({ location: topicToken.optional() }),
        headers: z.object({ 'last-event-id': z.string().max(60).optional() }),
      },
    },
    async (request, reply) => {
      const { session, cookie } = visitorOf(request)
      const { actor } = session
      const { location } = request.query
      if (location !== undefined && !(await directory.places.hasStake(actor.organizationId, location)))
        throw notFound('Location')
      refuseTooMany(actor)
      const raw = reply.raw
      let sight = await loadSight(directory, actor.organizationId)

      const send = (numbered: NumberedEvent) => {
        if (!isFor(numbered, sight, location)) return
        raw.write(format(numbered))
        if (raw.writableLength > maxPendingBytes) cut('slow')
      }
      const cut = (reason: 'slow' | 'logged-out') => {
        counters.droppedStreams.inc({ reason })
        log.info({ userId: actor.userId, reason }, 'event stream cut')
        end()
      }
      const end = () => {
        clearInterval(heartbeat)
        unsubscribe()
        forget()
        if (open.delete(stream)) counters.streams.dec()
        raw.destroy()
      }
      const check = async () => {
        if ((await sessions.find(cookie)) === undefined) return cut('logged-out')
        sight = await loadSight(directory, actor.organizationId)
      }
      const checkWatched = () =>
        void check().catch((err: unknown) => log.warn({ err }, 'an event stream could not be checked'))

      const lastId = request.headers['last-event-id']
      const missed = lastId === undefined ? [] : feed.since(lastId)
      reply.hijack()
      begin(raw, reply.getHeaders())
      const stream = { userId: actor.userId, end }
      const unsubscribe = feed.subscribe(send)
      const forget = directory.journal.onNews(({ hasEntities }) => {
        if (hasEntities) checkWatched()
      })
      const heartbeat = setInterval(() => {
        raw.write(': alive\n\n')
        checkWatched()
      }, heartbeatMs)
      open.add(stream)
      counters.streams.inc()
      raw.on('close', end)
      raw.on('error', end)
      if (missed === undefined) raw.write('event: resync\ndata: {"type":"resync"}\n\n')
      else for (const numbered of missed) send(numbered)
    },
  )

  function refuseTooMany({ userId }: Actor): void {
    const own = [...open].filter((stream) => stream.userId === userId).length
    if (open.size >= maxStreams || own >= maxStreamsPerUser)
      throw new ProblemError(
        429,
        'too-many-streams',
        'Too many pages follow live: close some of them.',
        heartbeatMs / 1_000,
      )
  }
}

function isFor({ event }: NumberedEvent, sight: Sight, location: string | undefined): boolean {
  if (!maySee(sight, event)) return false
  const about = locationOf(event)
  return location === undefined || about === undefined || about === location
}

function begin(
  raw: ServerResponse,
  headers: Readonly<Record<string, string | number | string[] | undefined>>,
): void {
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) raw.setHeader(name, value)
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  raw.write('retry: 2000\n\n')
}

/** JSON has no raw line break, so one `data` line carries it. */
function format({ id, event }: NumberedEvent): string {
  return `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
