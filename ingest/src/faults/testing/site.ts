import type { Birth, Change, Device, DeviceRole, Telemetry } from '@proactive/shared'
import {
  createFaultCore,
  type Effect,
  type FaultEvent,
  type IncidentReport,
  type IngestEvent,
  type LocationConfig,
  type LocationState,
  type LocationView,
  type Profile,
} from '../index.ts'

/** Tuesday 2026-03-10, 14:00 in Berlin. */
export const noonMs = Date.UTC(2026, 2, 10, 13, 0, 0)

export function device(id: string, alias: number, role: DeviceRole, more: Partial<Device> = {}): Device {
  return {
    alias,
    id,
    role,
    name: id,
    confidence: 0.9,
    ips: [`192.0.2.${alias}`],
    macs: [`00:31:92:00:00:${alias.toString(16).padStart(2, '0')}`],
    isSleeper: false,
    isGateway: false,
    firstSeenMs: noonMs - 86_400_000,
    evidence: [{ source: 'config', key: 'name', value: id }],
    ...more,
  }
}

/** The lab's Location: two countertop terminals, a sleeper, a printer, a PC, a switch and the router. */
export const shop: readonly Device[] = [
  device('router', 1, 'router', { isGateway: true }),
  device('switch', 2, 'switch'),
  device('pos-1', 3, 'pos-terminal'),
  device('pos-2', 4, 'pos-terminal'),
  device('pos-3', 5, 'pos-terminal', { isSleeper: true }),
  device('printer-1', 6, 'printer'),
  device('office-1', 7, 'workstation'),
  device('guest-1', 8, 'mobile'),
]

export interface SiteOptions {
  readonly profile?: Profile
  readonly config?: Partial<LocationConfig>
  readonly devices?: readonly Device[]
  readonly startMs?: number
  /** Who answers probes; everybody by default. A device that is not named answers. */
  readonly hasBackupUplink?: boolean
  readonly clock?: 'synced' | 'unsynced'
  /** False = events are not kept: for weeks of them. */
  readonly keepsLog?: boolean
}

/** A Location on a virtual clock: says what the appliance and the ingest would say, answers probes, keeps what came out. */
export class Site {
  readonly core
  state: LocationState
  nowMs: number
  readonly effects: { readonly atMs: number; readonly effect: Effect }[] = []
  readonly log: {
    nowMs: number
    origin:
      | { from: 'ingest'; partition: string; offset: number }
      | { from: 'appliance'; applianceId: string; bootEpoch: number; lane: string; seq: number }
    event: FaultEvent
  }[] = []
  /** Devices that answer no probe. */
  readonly mute = new Set<string>()
  /** Probes are not answered at all, as if the appliance could not be reached. */
  areProbesUnavailable = false
  /** Nobody ever answers for a probe. */
  dropProbes = false
  bootEpoch = 1_000
  readonly devices: readonly Device[]
  readonly #startMs: number
  readonly #config: LocationConfig
  readonly #clock: 'synced' | 'unsynced'
  readonly #keepsLog: boolean
  /** How far the appliance's clock is behind the log's. */
  clockBehindMs = 0
  #offset = 0
  #seq = new Map<string, number>()
  #probes: { dueMs: number; probeId: string; deviceId: string }[] = []

  constructor(options: SiteOptions = {}) {
    this.core = createFaultCore({ env: 'test', profile: options.profile ?? 'production' })
    this.state = this.core.empty('loc-1')
    this.#startMs = options.startMs ?? noonMs
    this.nowMs = this.#startMs
    this.devices = options.devices ?? shop
    this.#clock = options.clock ?? 'synced'
    this.#keepsLog = options.keepsLog ?? true
    this.#config = {
      locationId: 'loc-1',
      name: 'Bakery',
      timeZone: 'Europe/Berlin',
      calendar: { openings: [], holidays: [] },
      devices: {},
      hasBackupUplink: options.hasBackupUplink ?? true,
      ...options.config,
    }
  }

  /** Connected, inventoried, and ten minutes of calm behind it. */
  settle(): this {
    this.ingest({ type: 'location-configured', config: this.#config })
    this.ingest({ type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' })
    this.birth()
    this.pass(5_000)
    this.telemetry()
    this.pass(600_000)
    return this
  }

  birth(more: Partial<Birth> = {}): void {
    const message: Birth = {
      v: 1,
      bootEpoch: this.bootEpoch,
      atMs: this.nowMs - this.clockBehindMs,
      clock: this.#clock,
      agentVersion: '0.1.0',
      networks: ['192.0.2.0/24'],
      uplinks: [
        { id: 'primary', kind: 'primary', interface: 'eth0', hasCarrier: true, gateway: '192.0.2.1' },
        { id: 'backup', kind: 'backup', interface: 'wwan0', hasCarrier: true },
      ],
      desiredVersion: 0,
      devices: [...this.devices],
      targets: [
        { alias: 100, id: 'wan-1', kind: 'wan', name: 'internet-1' },
        { alias: 101, id: 'resolver', kind: 'dns', name: '192.0.2.1' },
        { alias: 102, id: 'processor', kind: 'paypath', name: 'pay.example' },
      ],
      ...more,
    }
    this.#put({ from: 'appliance', applianceId: 'app-1', kind: 'birth', message }, 'birth')
  }

  /** The appliance reports a change now, or late: made `agoMs` before. */
  see(
    change: DistributiveOmit<Change, 'evidence'>,
    agoMs = 0,
    atMs = this.nowMs - agoMs - this.clockBehindMs,
  ): void {
    const message = {
      v: 1,
      bootEpoch: this.bootEpoch,
      lane: 'live',
      seq: this.#next('live'),
      atMs,
      clock: this.#clock,
      change: { evidence: [], ...change } as Change,
    } as const
    this.#put({ from: 'appliance', applianceId: 'app-1', kind: 'observation', message }, 'live')
  }

  silent(deviceId: string, since = this.nowMs - 3_000): void {
    this.mute.add(deviceId)
    this.see({ type: 'device-silent', deviceId, sinceMs: since - this.clockBehindMs })
  }

  answers(deviceId: string): void {
    this.mute.delete(deviceId)
    this.see({ type: 'device-answered', deviceId, silentMs: 10_000 })
  }

  gateway(isReachable: boolean, agoMs = 0): void {
    if (isReachable) this.mute.delete('router')
    else this.mute.add('router')
    this.see(
      {
        type: 'gateway-changed',
        uplinkId: 'primary',
        deviceId: 'router',
        isReachable,
        sinceMs: this.nowMs - agoMs - this.clockBehindMs,
      },
      agoMs,
    )
  }

  carrier(hasCarrier: boolean, agoMs = 0): void {
    this.see(
      {
        type: 'link-changed',
        interface: 'eth0',
        uplinkId: 'primary',
        hasCarrier,
        sinceMs: this.nowMs - agoMs - this.clockBehindMs,
      },
      agoMs,
    )
  }

  wan(
    state: 'up' | 'degraded' | 'down',
    {
      firstHop = state !== 'down',
      wanLink = true,
      agoMs = 0,
    }: { firstHop?: boolean | null; wanLink?: boolean | null; agoMs?: number } = {},
  ): void {
    this.see(
      {
        type: 'wan-changed',
        uplinkId: 'primary',
        state,
        firstHop,
        wanLink,
        sinceMs: this.nowMs - agoMs - this.clockBehindMs,
      },
      agoMs,
    )
  }

  paypath(stage: 'none' | 'dns' | 'tcp' | 'tls', agoMs = 0): void {
    this.see(
      {
        type: 'paypath-changed',
        targetId: 'processor',
        stage,
        sinceMs: this.nowMs - agoMs - this.clockBehindMs,
      },
      agoMs,
    )
  }

  dns(isAnswering: boolean, agoMs = 0): void {
    this.see(
      {
        type: 'dns-changed',
        resolver: '192.0.2.1',
        isAnswering,
        otherResolverAnswers: true,
        sinceMs: this.nowMs - agoMs - this.clockBehindMs,
      },
      agoMs,
    )
  }

  /** A batch of 30 s that ends now; devices in `mute` answered nothing. */
  telemetry({
    agoMs = 0,
    lane = 'live' as 'live' | 'backlog',
    routerUptimeSeconds = null as number | null,
    line = null as { rttMs: number; lossRatio: number } | null,
    payMs = null as number | null,
    windowMs = 30_000,
    deviceRows = null as (number | null)[][] | null,
  } = {}): void {
    const message: Telemetry = {
      v: 1,
      bootEpoch: this.bootEpoch,
      lane,
      seq: this.#next(lane),
      atMs: this.nowMs - agoMs - this.clockBehindMs,
      clock: this.#clock,
      windowMs,
      rows: {
        device:
          deviceRows ??
          this.devices.map(({ id, alias }) => [alias, this.mute.has(id) ? 0 : 1, 1, 2, 3, 0, 0.1, 10, null]),
        ...(line === null
          ? {}
          : { wan: [[100, 1 - line.lossRatio, line.rttMs, line.rttMs, line.rttMs, line.lossRatio, 1]] }),
        ...(payMs === null ? {} : { paypath: [[102, 1, 0, payMs / 2, payMs / 4, payMs / 4, 90]] }),
        ...(routerUptimeSeconds === null ? {} : { snmp: [[1, routerUptimeSeconds, 1, 1, 1, 0, 0]] }),
      },
    }
    this.#put({ from: 'appliance', applianceId: 'app-1', kind: 'telemetry', message }, lane)
  }

  ingest(event: IngestEvent): void {
    this.#put({ from: 'ingest', event }, null)
  }

  /** Lets time go by, with the core's own wake-ups and the answers to its probes in their places. */
  pass(ms: number): this {
    const endMs = this.nowMs + ms
    for (let guard = 0; guard < 100_000; guard += 1) {
      const wakeAtMs = this.core.wakeAtMs(this.state)
      const probe = this.#probes[0]
      const nextMs = Math.min(wakeAtMs ?? Number.POSITIVE_INFINITY, probe?.dueMs ?? Number.POSITIVE_INFINITY)
      if (nextMs > endMs) {
        this.nowMs = endMs
        return this
      }
      this.nowMs = Math.max(this.nowMs, nextMs)
      if (probe !== undefined && probe.dueMs <= this.nowMs) {
        this.#probes.shift()
        const answer = this.areProbesUnavailable
          ? 'unavailable'
          : this.mute.has(probe.deviceId)
            ? 'silent'
            : 'reply'
        this.ingest({ type: 'probe-answered', probeId: probe.probeId, deviceId: probe.deviceId, answer })
      } else this.ingest({ type: 'woke' })
    }
    throw new Error('the core never lets go of its alarm clock')
  }

  /** `opened router-down`, `recovered …`, in order. */
  get story(): string[] {
    return this.incidents.map(({ change, report }) => `${change} ${report.faultClass}`)
  }

  get incidents(): { atMs: number; change: string; report: IncidentReport }[] {
    return this.effects.flatMap(({ atMs, effect }) =>
      effect.type === 'incident' ? [{ atMs, change: effect.change, report: effect.report }] : [],
    )
  }

  get last(): IncidentReport {
    const report = this.incidents.at(-1)?.report
    if (report === undefined) throw new Error('no incident was told')
    return report
  }

  get view(): LocationView {
    const view = this.effects.flatMap(({ effect }) => (effect.type === 'view' ? [effect.view] : [])).at(-1)
    if (view === undefined) throw new Error('no view was told')
    return view
  }

  /** Class and root of what is open, sorted. */
  get open(): string[] {
    return this.state.incidents.map(({ faultClass, rootId }) => `${faultClass} ${rootId}`).sort()
  }

  /** Forgets what was told so far. */
  forget(): this {
    this.effects.length = 0
    return this
  }

  #next(lane: string): number {
    const seq = (this.#seq.get(lane) ?? 0) + 1
    this.#seq.set(lane, seq)
    return seq
  }

  #put(event: FaultEvent, lane: string | null): void {
    this.#offset += 1
    const origin =
      lane === null
        ? ({ from: 'ingest', partition: 'p00', offset: this.#offset } as const)
        : ({
            from: 'appliance',
            applianceId: 'app-1',
            bootEpoch: this.bootEpoch,
            lane,
            seq: this.#seq.get(lane) ?? 0,
          } as const)
    if (this.#keepsLog) this.log.push({ nowMs: this.nowMs, origin, event: structuredClone(event) })
    const { state, effects } = this.core.reduce(this.state, event, { nowMs: this.nowMs, origin })
    this.state = state
    for (const effect of effects) {
      this.effects.push({ atMs: this.nowMs, effect })
      if (effect.type === 'probe' && !this.dropProbes) {
        const isSilent = this.mute.has(effect.deviceId)
        this.#probes.push({
          dueMs: this.nowMs + (isSilent ? 1_500 : 100),
          probeId: effect.probeId,
          deviceId: effect.deviceId,
        })
        this.#probes.sort((a, b) => a.dueMs - b.dueMs)
      }
    }
  }
}

type DistributiveOmit<T, K extends keyof never> = T extends unknown
  ? Omit<T, K> & { evidence?: never[] }
  : never
