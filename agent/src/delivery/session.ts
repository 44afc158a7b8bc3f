import {
  type Birth,
  type Command,
  type CommandResult,
  ContractError,
  type Desired,
  type DownKind,
  type MonotonicMs,
  type Reported,
  type Seen,
  type Status,
} from '@proactive/shared'
import { decode, encode } from '@proactive/shared/codec'
import { createAllowance } from '../core/allowance.ts'
import { backoffMs } from '../core/backoff.ts'
import { chooseUplink, type UplinkStanding } from '../core/failover.ts'
import type { CloudConnection, CloudLink, CloudRoute, Log, Random, Scheduler, Stop } from '../ports/index.ts'
import { withAckDeadline } from './ack-deadline.ts'
import { encodeBirth } from './encode-birth.ts'
import type { Sender } from './sender.ts'

export interface SessionDeps {
  readonly link: CloudLink
  readonly sender: Sender
  readonly scheduler: Scheduler
  readonly random: Random
  readonly log: Log
  readonly bootEpoch: number
  readonly birth: () => Birth
  readonly ordinalOf: (alias: number) => number
  /** The ways out in order of preference, as they stand now. */
  readonly uplinks: () => readonly UplinkStanding[]
  readonly routeOf: (uplinkId: string) => CloudRoute
  readonly onDesired: (desired: Desired) => Reported
  /** Where the cloud sees this way out come from. */
  readonly onSeen?: (seen: Seen, uplinkId: string) => void
  readonly onCommand: (command: Command, answer: (result: CommandResult) => void) => void
  readonly onConnection: (state: SessionState) => void
}

export interface SessionState {
  readonly isConnected: boolean
  readonly uplinkId?: string
  readonly sinceMono: MonotonicMs
  readonly reason?: string
}

/** Keeps one connection to the cloud alive over the best way out, and tells the cloud who is there. */
export interface Session {
  start(): void
  /** The way a connection should take may have changed (carrier, gateway, WAN). */
  reconsider(): void
  /** The inventory changed: a new birth is due. */
  announce(): void
  /** A batch waits for the aliases of the next birth: that does not wait for its turn. */
  hurry(): void
  state(): SessionState
  /** Figures for `status` and metrics. */
  figures(): {
    readonly connects: number
    readonly failures: number
    readonly rejectedMessages: number
    /** Facts of evidence that the last birth had no room for. */
    readonly trimmedEvidence: number
  }
  /** Says goodbye and closes; within about 2 s. */
  stop(reason: NonNullable<Status['reason']>): Promise<void>
}

const openTimeoutMs = 4_000
/** Births on change are gathered for this long; a batch with a new alias waits for them. */
const announceGatherMs = 300
const birthRetryMs = 5_000
/** Births on change, beyond those that a batch waits for; a LAN that changes all the time is told each ten seconds. */
const births = { most: 60, perSecond: 0.1 } as const
const reconsiderEveryMs = 5_000
const goodbyeTimeoutMs = 2_000

export function createSession(deps: SessionDeps): Session {
  const { link, sender, scheduler, log, bootEpoch } = deps
  let connection: CloudConnection | undefined
  let state: SessionState = { isConnected: false, sinceMono: scheduler.monotonicMs() }
  let isStopped = true
  let isOpening = false
  let attempt = 0
  let stopRetry: Stop | undefined
  let stopAnnounce: Stop | undefined
  let isAnnounceDue = false
  let isAnnounceLate = false
  const allowance = createAllowance(births, () => scheduler.monotonicMs())
  let stopReconsider: Stop | undefined
  const failedAtMono = new Map<string, MonotonicMs>()
  const figures = { connects: 0, failures: 0, rejectedMessages: 0, trimmedEvidence: 0 }

  const standings = () =>
    deps.uplinks().map((uplink) => {
      const failed = failedAtMono.get(uplink.id)
      return failed === undefined ? uplink : { ...uplink, failedAtMono: failed }
    })

  function setState(next: Omit<SessionState, 'sinceMono'>): void {
    state = { ...next, sinceMono: scheduler.monotonicMs() }
    deps.onConnection(state)
  }

  async function open(): Promise<void> {
    if (isStopped || isOpening || connection !== undefined) return
    const uplinkId = chooseUplink(standings(), undefined, scheduler.monotonicMs())
    if (uplinkId === undefined) {
      retryLater()
      return
    }
    isOpening = true
    stopRetry?.()
    stopRetry = undefined
    let mine: CloudConnection | undefined
    let isOver = false
    try {
      const opened = await link.open({
        route: deps.routeOf(uplinkId),
        will: encode('status', { v: 1, online: false, bootEpoch }),
        timeoutMs: openTimeoutMs,
        events: {
          onMessage: (kind, payload) => receive(kind, payload, uplinkId, () => mine),
          onClosed: (reason) => {
            isOver = true
            if (mine !== undefined && connection === mine) lost(reason)
          },
        },
      })
      mine = withAckDeadline(opened, scheduler)
      if (isStopped || isOver) throw new Error('the connection ended at once')
      connection = mine
      await mine.publish('status', encode('status', { v: 1, online: true, bootEpoch }), { isRetained: true })
      await announceOver(mine)
      if (connection !== mine) return
      attempt = 0
      figures.connects++
      failedAtMono.delete(uplinkId)
      setState({ isConnected: true, uplinkId })
      log.info({ uplinkId }, 'connected to the cloud')
      sender.attach(mine)
      if (isAnnounceDue) announce()
    } catch (err) {
      if (mine !== undefined && connection === mine) connection = undefined
      mine?.cut()
      failedAtMono.set(uplinkId, scheduler.monotonicMs())
      figures.failures++
      if (attempt === 0) log.warn({ uplinkId, err }, 'the cloud cannot be reached; trying again')
      retryLater()
    } finally {
      isOpening = false
    }
  }

  function retryLater(): void {
    if (isStopped || stopRetry !== undefined) return
    attempt++
    // With another way out at hand there is nothing to wait for.
    const hasOther = deps.uplinks().length > 1 && attempt <= deps.uplinks().length
    stopRetry = scheduler.after(hasOther ? 50 : backoffMs(attempt, deps.random()), () => {
      stopRetry = undefined
      void open()
    })
  }

  function lost(reason: string): void {
    connection = undefined
    sender.detach()
    log.warn({ reason, uplinkId: state.uplinkId }, 'the connection to the cloud is gone')
    setState({ isConnected: false, reason })
    retryLater()
  }

  async function announceOver(over: CloudConnection): Promise<void> {
    isAnnounceDue = false
    const birth = deps.birth()
    const upTo = Math.max(
      0,
      ...birth.devices.map(({ alias }) => deps.ordinalOf(alias)),
      ...birth.targets.map(({ alias }) => deps.ordinalOf(alias)),
      ...(birth.interfaces ?? []).map(({ alias }) => deps.ordinalOf(alias)),
    )
    const { payload, trimmed } = encodeBirth(birth)
    if (trimmed > 0 && trimmed !== figures.trimmedEvidence)
      log.warn({ trimmed }, 'devices say more about themselves than a birth can carry; the rest stays here')
    figures.trimmedEvidence = trimmed
    await over.publish('birth', payload)
    sender.allowAliases(upTo)
  }

  function announce(): void {
    if (stopAnnounce !== undefined) return
    const waitMs = allowance.waitMs(1)
    isAnnounceLate = waitMs > announceGatherMs
    stopAnnounce = scheduler.after(Math.max(announceGatherMs, waitMs), tellChange)
  }

  function hurry(): void {
    if (stopAnnounce === undefined || !isAnnounceLate) return
    stopAnnounce()
    isAnnounceLate = false
    stopAnnounce = scheduler.after(announceGatherMs, tellChange)
  }

  function tellChange(): void {
    stopAnnounce = undefined
    const over = connection
    if (over === undefined) return
    // Its first birth is under way, and may have been made before what is to be told now.
    if (!state.isConnected) {
      isAnnounceDue = true
      return
    }
    allowance.take(1)
    announceOver(over).catch((err: unknown) => {
      log.debug({ err }, 'a birth was not acknowledged')
      scheduler.after(birthRetryMs, announce)
    })
  }

  function receive(
    kind: DownKind,
    payload: Uint8Array,
    uplinkId: string,
    over: () => CloudConnection | undefined,
  ): void {
    try {
      if (kind === 'seen') {
        deps.onSeen?.(decode('seen', payload), uplinkId)
        return
      }
      if (kind === 'desired') {
        const reported = deps.onDesired(decode('desired', payload))
        send(over, 'reported', encode('reported', reported))
        return
      }
      deps.onCommand(decode('command', payload), (result) => send(over, 'result', encode('result', result)))
    } catch (err) {
      if (!(err instanceof ContractError)) throw err
      figures.rejectedMessages++
      log.warn({ kind, code: err.code }, 'a message from the cloud was not understood and is left out')
    }
  }

  /** Answers are not kept: with the connection gone nobody waits for them, and `desired` comes again. */
  function send(
    over: () => CloudConnection | undefined,
    kind: 'reported' | 'result',
    payload: Uint8Array,
  ): void {
    // A message may come in while the connection is still being opened; its answer goes out a moment later.
    scheduler.after(0, () => {
      over()
        ?.publish(kind, payload)
        .catch((err: unknown) => log.debug({ kind, err }, 'an answer did not reach the cloud'))
    })
  }

  function reconsider(): void {
    if (isStopped) return
    if (connection === undefined) {
      // Something changed for the better, perhaps: no need to wait for the next try.
      if (!isOpening && stopRetry !== undefined && deps.uplinks().some((uplink) => uplink.hasCarrier)) {
        stopRetry()
        stopRetry = undefined
        void open()
      }
      return
    }
    const current = state.uplinkId
    if (current === undefined || !state.isConnected) return
    const wanted = chooseUplink(standings(), current, scheduler.monotonicMs())
    if (wanted === undefined || wanted === current) return
    log.info({ from: current, to: wanted }, 'changing the way to the cloud')
    const old = connection
    connection = undefined
    sender.detach()
    setState({ isConnected: false, reason: `moving to uplink ${wanted}` })
    // A broken way cannot carry a goodbye; a sound one can, and then the cloud sees no will.
    const isSound = deps
      .uplinks()
      .some((uplink) => uplink.id === current && uplink.isGatewayReachable !== false)
    void (isSound ? old.close() : Promise.resolve(old.cut())).finally(() => void open())
  }

  return {
    start() {
      isStopped = false
      stopReconsider = scheduler.every(reconsiderEveryMs, () => connection !== undefined && reconsider())
      void open()
    },
    reconsider,
    announce,
    hurry,
    state: () => state,
    figures: () => ({ ...figures }),
    async stop(reason) {
      if (isStopped) return
      isStopped = true
      stopRetry?.()
      stopAnnounce?.()
      stopReconsider?.()
      const over = connection
      connection = undefined
      sender.detach()
      if (over === undefined) return
      const goodbye = over
        .publish('status', encode('status', { v: 1, online: false, bootEpoch, reason }), { isRetained: true })
        .catch(() => undefined)
      await Promise.race([
        goodbye,
        new Promise<void>((resolve) => void scheduler.after(goodbyeTimeoutMs, resolve)),
      ])
      await over.close()
    },
  }
}
