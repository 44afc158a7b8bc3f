import type { DownKind, MonotonicMs, UpKind } from '@proactive/shared'
import {
  type CloudConnection,
  type CloudEvents,
  type CloudLink,
  CloudLinkError,
  type Scheduler,
  type Stop,
} from '../../agent/src/ports/index.ts'
import { addresses } from '../lab/topology.ts'
import type { Machine } from './machine.ts'
import type { VirtualLocation } from './virtual-location.ts'
import type { VirtualPaths } from './virtual-paths.ts'

/** What the gateway tells of one appliance, in order; an answer `false` to a message means "not stored": no PUBACK. */
export interface GatewayListener {
  onOpened(remoteAddress: string): void
  onClosed(how: 'goodbye' | 'will' | 'gateway-lost'): void
  onMessage(kind: UpKind, payload: Uint8Array): boolean
}

/** The cloud's door for one appliance, in memory: sessions, PUBACK after the append, keepalive; a cut link delays and loses as TCP does. */
export interface VirtualCloud {
  /** The port as one life of the appliance uses it. */
  link(machine: Machine, paths: VirtualPaths): CloudLink
  /** Sends down; false = nobody is connected. */
  send(kind: DownKind, payload: Uint8Array): boolean
  isConnected(): boolean
  /** The connection goes over the second way out. */
  isOverBackup(): boolean
  /** Ends every session, as a deployment does, and lets nobody in for a while. */
  restart(downMs: number): void
  /** The appliance's process was killed while its machine goes on: the kernel closes its sockets. */
  processDied(): void
  /** Every second acknowledgement (or so) is lost together with its connection: for tests of repeats. */
  loseAcknowledgements(share: number): void
}

/** MQTT 3.1.1 §3.1.2.10: the server gives up one and a half keepalives after the last packet. */
const keepaliveMs = 15_000
const giveUpMs = keepaliveMs * 1.5
/** TCP, TLS 1.3 and CONNECT, SUBSCRIBE take about this many round trips. */
const tripsToOpen = 4
const firstResendMs = 200
const maxResendMs = 15_000

interface Waiting {
  readonly kind: UpKind
  readonly payload: Uint8Array
  readonly resolve: () => void
  readonly reject: (reason: Error) => void
}

interface Session {
  readonly machine: Machine
  readonly paths: VirtualPaths
  readonly localAddress: string | undefined
  readonly events: CloudEvents
  readonly queue: Waiting[]
  readonly unanswered: Set<Waiting>
  readonly stops: Set<Stop>
  lastExchangeMono: MonotonicMs
  isServerOpen: boolean
  isClientOpen: boolean
  isSending: boolean
  isCut: boolean
}

export function createVirtualCloud(options: {
  readonly scheduler: Scheduler
  readonly location: VirtualLocation
  readonly listener: GatewayListener
  readonly random: () => number
}): VirtualCloud {
  const { scheduler, location, listener } = options
  let current: Session | undefined
  const sessions = new Set<Session>()
  let closedUntilMono = 0
  let lostAckShare = 0

  const wayOf = ({ paths, localAddress }: Pick<Session, 'paths' | 'localAddress'>) =>
    paths.to(addresses.cloud, localAddress)

  /** What a packet and its answer take now; null = lost or no way. */
  function trip(session: Pick<Session, 'paths' | 'localAddress'>): number | null {
    const path = wayOf(session)
    return path === undefined ? null : session.paths.roundTrip(path)
  }

  /** Runs in the cloud or in the network: goes on whatever becomes of the appliance. */
  function afterwards(session: Session, delayMs: number, task: () => void): void {
    const stop = scheduler.after(delayMs, () => {
      session.stops.delete(stop)
      task()
    })
    session.stops.add(stop)
  }

  function endClient(session: Session, reason: string): void {
    if (!session.isClientOpen) return
    session.isClientOpen = false
    const waiting = [...session.unanswered]
    session.unanswered.clear()
    session.queue.length = 0
    forgetIfOver(session)
    if (!session.machine.isAlive) return
    for (const { reject } of waiting) reject(new CloudLinkError(reason))
    session.events.onClosed(reason)
  }

  function endServer(session: Session, how: 'goodbye' | 'will' | 'gateway-lost'): void {
    if (!session.isServerOpen) return
    session.isServerOpen = false
    forgetIfOver(session)
    // Another connection of the same appliance took its place: its end tells nothing.
    if (current !== session) return
    current = undefined
    listener.onClosed(how)
  }

  function forgetIfOver(session: Session): void {
    if (session.isServerOpen || session.isClientOpen) return
    for (const stop of session.stops) stop()
    session.stops.clear()
    sessions.delete(session)
  }

  /** When either side last heard the other: pings go out whenever the line was quiet for a keepalive. */
  function lastHeardMono(session: Session): MonotonicMs {
    const quietMs = scheduler.monotonicMs() - session.lastExchangeMono
    return session.lastExchangeMono + Math.floor(quietMs / keepaliveMs) * keepaliveMs
  }

  /** The ways changed: a connection over a way that is gone dies of silence, one over a way that is back goes on. */
  function review(session: Session): void {
    const isCut = wayOf(session) === undefined || !session.machine.isAlive
    if (isCut === session.isCut) return
    session.isCut = isCut
    if (!isCut) {
      session.lastExchangeMono = scheduler.monotonicMs()
      return
    }
    const deadAtMono = lastHeardMono(session) + giveUpMs
    session.lastExchangeMono = deadAtMono - giveUpMs
    afterwards(session, deadAtMono - scheduler.monotonicMs(), () => {
      if (!session.isCut) return
      endServer(session, 'will')
      endClient(session, 'keepalive timeout')
    })
  }

  location.listen({
    onLinks: () => {
      for (const session of sessions) review(session)
    },
  })

  /** Sends what waits, in order; a lost packet holds up those behind it until it was sent again. */
  function pump(session: Session, resendMs = firstResendMs): void {
    if (session.isSending || session.queue.length === 0 || !session.isClientOpen) return
    session.isSending = true
    const rttMs = trip(session)
    if (rttMs === null) {
      afterwards(session, resendMs, () => {
        session.isSending = false
        pump(session, Math.min(maxResendMs, resendMs * 2))
      })
      return
    }
    const batch = session.queue.splice(0)
    afterwards(session, rttMs / 2, () => {
      if (!session.isServerOpen) return
      const stored: Waiting[] = []
      for (const item of batch) {
        if (!listener.onMessage(item.kind, item.payload)) {
          // Not stored: nothing behind it may overtake it, so the door closes (ADR 004).
          endServer(session, 'will')
          afterwards(session, rttMs / 2, () => endClient(session, 'closed by the cloud'))
          return
        }
        stored.push(item)
      }
      acknowledge(session, stored, rttMs / 2)
      session.isSending = false
      pump(session)
    })
  }

  function acknowledge(
    session: Session,
    stored: readonly Waiting[],
    delayMs: number,
    resendMs = firstResendMs,
  ): void {
    if (lostAckShare > 0 && options.random() < lostAckShare) {
      endServer(session, 'will')
      afterwards(session, delayMs, () => endClient(session, 'reset'))
      return
    }
    afterwards(session, delayMs, () => {
      if (!session.isClientOpen || !session.machine.isAlive) return
      if (wayOf(session) === undefined) {
        acknowledge(session, stored, resendMs, Math.min(maxResendMs, resendMs * 2))
        return
      }
      session.lastExchangeMono = scheduler.monotonicMs()
      for (const item of stored) if (session.unanswered.delete(item)) item.resolve()
    })
  }

  function connectionOf(session: Session): CloudConnection {
    return {
      publish(kind, payload) {
        if (!session.isClientOpen) return Promise.reject(new CloudLinkError('the connection is closed'))
        return new Promise((resolve, reject) => {
          const item: Waiting = { kind, payload, resolve, reject }
          session.unanswered.add(item)
          session.queue.push(item)
          pump(session)
        })
      },
      close() {
        const rttMs = trip(session)
        if (rttMs !== null) afterwards(session, rttMs / 2, () => endServer(session, 'goodbye'))
        endClient(session, 'closed')
        return Promise.resolve()
      },
      cut() {
        const rttMs = trip(session)
        if (rttMs !== null) afterwards(session, rttMs / 2, () => endServer(session, 'will'))
        endClient(session, 'cut')
      },
    }
  }

  function admit(
    machine: Machine,
    paths: VirtualPaths,
    localAddress: string | undefined,
    events: CloudEvents,
  ): Session {
    const session: Session = {
      machine,
      paths,
      localAddress,
      events,
      queue: [],
      unanswered: new Set(),
      stops: new Set(),
      lastExchangeMono: scheduler.monotonicMs(),
      isServerOpen: true,
      isClientOpen: true,
      isSending: false,
      isCut: false,
    }
    const before = current
    current = session
    sessions.add(session)
    if (before !== undefined) {
      endServer(before, 'will')
      if (wayOf(before) !== undefined) endClient(before, 'taken over')
    }
    const isBackup = localAddress === addresses.applianceBackup
    listener.onOpened(isBackup ? addresses.applianceBackup : addresses.routerWan)
    return session
  }

  return {
    link: (machine, paths) => ({
      open({ route, timeoutMs, events }) {
        const { localAddress } = route
        return new Promise((resolve, reject) => {
          const deadlineMono = scheduler.monotonicMs() + timeoutMs
          let trips = 0
          let resendMs = 1_000
          const next = () => {
            if (!machine.isAlive) return
            if (!paths.hasRoute(addresses.cloud, localAddress)) {
              reject(new CloudLinkError('no way to the cloud'))
              return
            }
            const rttMs = trip({ paths, localAddress })
            const waitMs = rttMs ?? resendMs
            if (scheduler.monotonicMs() + waitMs > deadlineMono) {
              const restMs = Math.max(0, deadlineMono - scheduler.monotonicMs())
              machine.after(restMs, () => reject(new CloudLinkError('no connection in time')))
              return
            }
            machine.after(waitMs, () => {
              if (rttMs === null) {
                resendMs *= 2
                next()
              } else if (scheduler.monotonicMs() < closedUntilMono) {
                reject(new CloudLinkError('connection refused (ECONNREFUSED)'))
              } else if (++trips < tripsToOpen) next()
              else resolve(connectionOf(admit(machine, paths, localAddress, events)))
            })
          }
          next()
        })
      },
    }),
    send(kind, payload) {
      const session = current
      if (session === undefined) return false
      const rttMs = trip(session)
      if (rttMs !== null) {
        afterwards(session, rttMs / 2, () => {
          if (session.isClientOpen && session.machine.isAlive) session.events.onMessage(kind, payload)
        })
      }
      return true
    },
    isConnected: () => current !== undefined,
    isOverBackup: () => current?.localAddress === addresses.applianceBackup,
    restart(downMs) {
      closedUntilMono = scheduler.monotonicMs() + downMs
      for (const session of [...sessions]) {
        endServer(session, 'gateway-lost')
        if (wayOf(session) !== undefined) endClient(session, 'closed by the cloud')
      }
    },
    processDied() {
      for (const session of [...sessions]) {
        if (wayOf(session) !== undefined) endServer(session, 'will')
      }
    },
    loseAcknowledgements(share) {
      lostAckShare = share
    },
  }
}
