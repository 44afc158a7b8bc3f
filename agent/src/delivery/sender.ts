import type { Lane } from '@proactive/shared'
import { encode, maxPayloadBytes } from '@proactive/shared/codec'
import { messageOf } from '../core/deliverable.ts'
import type { CloudConnection, Log, Random, Scheduler, Spool, StampedRecord, Stop } from '../ports/index.ts'

export interface SenderDeps {
  readonly spool: Spool
  readonly scheduler: Scheduler
  readonly random: Random
  readonly log: Log
  /** The cloud acknowledged this record. */
  readonly onAcknowledged: (id: number) => void
  /** A record is held back until the aliases of its rows are told; said once for each. */
  readonly onHeldBack?: () => void
  /** Writes pending acknowledgements, so that a new connection does not resend what the cloud has. */
  readonly flush: () => void
}

/** Sends what the spool holds over one connection after another: in order, live first, at most {@link maxInFlight} unacknowledged. */
export interface Sender {
  /** Begins on a fresh connection, from the first unacknowledged record. */
  attach(connection: CloudConnection): void
  detach(): void
  /** Looks for something to send; cheap when there is nothing. */
  pump(): void
  /** Rows with aliases up to this ordinal may leave: the birth that tells them is acknowledged. */
  allowAliases(upTo: number): void
  isLiveOpen(): boolean
  inFlight(): number
  /** Records that no message could be made of, since the start: each is deleted, so that it is not tried for ever. */
  unsendable(): number
}

const maxInFlight = 16
/** The backlog never takes more than this of the window, so that a live message does not wait behind it. */
const maxBacklogInFlight = 8
const pageSize = 32
/** After an outage of many Locations their backlogs begin at different moments. */
const maxBacklogDelayMs = 3_000
/** An acknowledgement that takes longer means that the cloud cannot store: the connection is given up and begun anew. */
const ackDeadlineMs = 60_000
/** Room for what travels beside the payload in the packet (topic, headers). */
const packetRoomBytes = 4_096
/** More live batches than this waiting: the connection is too slow, new ones go to the backlog. */
const maxLiveWaiting = 32

export function createSender(deps: SenderDeps): Sender {
  const { spool, scheduler, log } = deps
  const inFlight = new Map<number, { lane: Lane; stopDeadline: Stop }>()
  const cursor: Record<Lane, number> = { live: 0, backlog: 0 }
  const pages: Record<Lane, StampedRecord[]> = { live: [], backlog: [] }
  let connection: CloudConnection | undefined
  let generation = 0
  let allowedAlias = 0
  let isBacklogOpen = false
  let stopBacklogDelay: Stop | undefined
  let unsendable = 0
  let heldBackId: number | undefined

  /** The next record of a lane that has a place, giving places to what waits for one. */
  function peek(lane: Lane): StampedRecord | undefined {
    if (pages[lane].length === 0) {
      pages[lane] = [...spool.placed(lane, cursor[lane], pageSize)]
      if (pages[lane].length === 0) {
        const kind = lane === 'live' ? 'observation' : 'telemetry'
        if (spool.stamp(kind, lane, pageSize) > 0)
          pages[lane] = [...spool.placed(lane, cursor[lane], pageSize)]
      }
    }
    return pages[lane][0]
  }

  function backlogInFlight(): number {
    return [...inFlight.values()].filter(({ lane }) => lane === 'backlog').length
  }

  function next(): StampedRecord | undefined {
    const live = peek('live')
    if (live !== undefined) return unlessHeldBack(live)
    if (!isBacklogOpen || backlogInFlight() >= maxBacklogInFlight) return undefined
    const backlog = peek('backlog')
    return backlog && unlessHeldBack(backlog)
  }

  function unlessHeldBack(record: StampedRecord): StampedRecord | undefined {
    if (record.maxAlias <= allowedAlias) return record
    if (heldBackId !== record.id) deps.onHeldBack?.()
    heldBackId = record.id
    return undefined
  }

  function send(record: StampedRecord, over: CloudConnection): void {
    pages[record.lane].shift()
    cursor[record.lane] = record.order
    const built = payloadOf(record)
    if ('why' in built) {
      unsendable++
      log.error({ id: record.id, kind: record.kind, ...built }, 'a record cannot be sent and is deleted')
      deps.onAcknowledged(record.id)
      return
    }
    const { kind, payload } = built
    const mine = generation
    const stopDeadline = scheduler.after(ackDeadlineMs, () => {
      if (mine !== generation) return
      log.warn({ afterMs: ackDeadlineMs }, 'the cloud does not acknowledge; the connection is begun anew')
      over.cut()
    })
    inFlight.set(record.id, { lane: record.lane, stopDeadline })
    over.publish(kind, payload).then(
      () => {
        stopDeadline()
        if (mine === generation) inFlight.delete(record.id)
        deps.onAcknowledged(record.id)
        if (mine === generation) pump()
      },
      // The connection is gone; everything unacknowledged is sent again over the next one.
      () => stopDeadline(),
    )
  }

  function pump(): void {
    try {
      while (connection !== undefined && inFlight.size < maxInFlight) {
        const record = next()
        if (record === undefined) return
        send(record, connection)
      }
    } catch (err) {
      log.error({ err }, 'the spool cannot be read; sending pauses')
    }
  }

  function detach(): void {
    generation++
    connection = undefined
    for (const { stopDeadline } of inFlight.values()) stopDeadline()
    inFlight.clear()
    stopBacklogDelay?.()
    stopBacklogDelay = undefined
  }

  return {
    attach(next) {
      detach()
      deps.flush()
      connection = next
      for (const lane of ['live', 'backlog'] as const) {
        cursor[lane] = 0
        pages[lane] = []
      }
      isBacklogOpen = false
      stopBacklogDelay = scheduler.after(Math.round(deps.random() * maxBacklogDelayMs), () => {
        isBacklogOpen = true
        pump()
      })
      pump()
    },
    detach,
    pump,
    allowAliases(upTo) {
      allowedAlias = Math.max(allowedAlias, upTo)
      pump()
    },
    isLiveOpen: () => connection !== undefined && inFlight.size + pages.live.length < maxLiveWaiting,
    inFlight: () => inFlight.size,
    unsendable: () => unsendable,
  }
}

/** What travels for a record, or why nothing can: then it would fail in the same way over every connection to come. */
function payloadOf(
  record: StampedRecord,
):
  | { readonly kind: StampedRecord['kind']; readonly payload: Uint8Array }
  | { readonly why: string; readonly err?: unknown } {
  const built = messageOf(record)
  if (built === undefined) return { why: 'it is damaged' }
  try {
    const payload = encode(built.kind, built.message)
    if (payload.length <= maxPayloadBytes - packetRoomBytes) return { kind: built.kind, payload }
    return { why: `its ${payload.length} bytes are more than the cloud takes` }
  } catch (err) {
    return { why: 'its content is none of the contract', err }
  }
}
