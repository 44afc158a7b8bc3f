import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'aedes'
import type { Logger } from 'pino'
import type { IngestEvent } from '../faults/model.ts'
import type { IngestLog } from '../log/ingest-log.ts'
import type { FrameGuard } from './frame-guard.ts'
import type { Session } from './session.ts'

type How = Extract<IngestEvent, { type: 'session-closed' }>['how']

/** Who is connected, and the log's knowledge of it: every opening and every end becomes evidence, in the order of the session's messages. */
export interface SessionTable {
  readonly size: number
  get(applianceId: string): Session | undefined
  /**
   * Opens a session once its opening is durable. Another one of the same appliance is cut first and its end is not told:
   * the appliance is connected, only anew (MQTT 3.1.1 §3.1.4-2). Rejects where the log does not take it.
   */
  open(parts: {
    applianceId: string
    locationId: string
    remoteAddress: string
    client: Client
    guard: FrameGuard
  }): Promise<Session>
  /** The connection is gone. Tells the log how, unless another session took its place; tries again until the log takes it. */
  end(session: Session): Promise<void>
  /** Tells the log that sessions of an earlier run ended unseen. */
  closeLost(): Promise<void>
  /** Cuts every connection; their ends are the gateway's doing and told so. */
  stop(): Promise<void>
}

export interface SessionTableOptions {
  readonly log: IngestLog
  readonly logger: Logger
  readonly onSize: (size: number) => void
  readonly onEnd: (session: Session) => void
}

const retryMs = 1_000

export function createSessionTable({ log, logger, onSize, onEnd }: SessionTableOptions): SessionTable {
  const sessionByApplianceId = new Map<string, Session>()
  const endings = new Set<Promise<void>>()
  const stopping = new AbortController()
  let lastNumber = 0

  const tellClosed = (applianceId: string, locationId: string, how: How, sessionId: string) =>
    log.append(
      { from: 'ingest', locationId, event: { type: 'session-closed', applianceId, how } },
      `${sessionId}/end`,
    )

  function supersede(applianceId: string): Session | undefined {
    const old = sessionByApplianceId.get(applianceId)
    if (old === undefined) return undefined
    old.isPoisoned = true
    sessionByApplianceId.delete(applianceId)
    onEnd(old)
    old.client.close()
    logger.info({ applianceId, sessionId: old.id }, 'session taken over by a new connection')
    return old
  }

  async function tellEnd(session: Session): Promise<void> {
    const { applianceId, locationId, id, guard } = session
    const wasOpened = await session.opening.then(
      () => true,
      () => false,
    )
    if (!wasOpened) return
    for (;;) {
      if (sessionByApplianceId.has(applianceId)) return
      const how = stopping.signal.aborted ? 'gateway-lost' : guard.hasSaidGoodbye ? 'goodbye' : 'will'
      try {
        await tellClosed(applianceId, locationId, how, id)
        return
      } catch (err) {
        // Left open, the log's table of open sessions settles it at the next start.
        if (stopping.signal.aborted) return
        logger.warn({ err, applianceId }, 'the end of a session is not in the log yet')
        await sleep(retryMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }

  function end(session: Session): Promise<void> {
    if (sessionByApplianceId.get(session.applianceId) !== session) return Promise.resolve()
    sessionByApplianceId.delete(session.applianceId)
    session.isPoisoned = true
    onSize(sessionByApplianceId.size)
    onEnd(session)
    return tellLater(session)
  }

  function tellLater(session: Session): Promise<void> {
    const ending = tellEnd(session).finally(() => endings.delete(ending))
    endings.add(ending)
    return ending
  }

  return {
    get size() {
      return sessionByApplianceId.size
    },
    get: (applianceId) => sessionByApplianceId.get(applianceId),
    async open({ applianceId, locationId, remoteAddress, client, guard }) {
      const old = supersede(applianceId)
      const id = `${applianceId}#${++lastNumber}`
      const opening = log
        .append(
          { from: 'ingest', locationId, event: { type: 'session-opened', applianceId, remoteAddress } },
          id,
        )
        .then(() => undefined)
      const session: Session = {
        ...{ id, applianceId, locationId, remoteAddress, client, guard },
        isPoisoned: false,
        opening,
      }
      sessionByApplianceId.set(applianceId, session)
      onSize(sessionByApplianceId.size)
      try {
        await opening
      } catch (error) {
        if (sessionByApplianceId.get(applianceId) === session) sessionByApplianceId.delete(applianceId)
        onSize(sessionByApplianceId.size)
        // Nobody took its place after all: to the log the old one would be open for ever.
        if (old !== undefined) void tellLater(old)
        throw error
      }
      return session
    },
    end,
    async closeLost() {
      const lost = await log.openSessions()
      await Promise.all(
        lost.map(({ applianceId, locationId }) =>
          tellClosed(applianceId, locationId, 'gateway-lost', applianceId),
        ),
      )
    },
    async stop() {
      stopping.abort()
      for (const session of [...sessionByApplianceId.values()]) {
        void end(session)
        session.client.close()
      }
      await Promise.all(endings)
    },
  }
}
