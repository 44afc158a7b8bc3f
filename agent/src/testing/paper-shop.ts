import type { DownKind } from '@proactive/shared'
import { decode, encode, type MessageOf } from '@proactive/shared/codec'
import type { AgentDeps } from '../agent-deps.ts'
import { createMemorySpool } from '../adapters/memory-spool.ts'
import {
  type CloudEvents,
  CloudLinkError,
  type LanInterface,
  type LanListener,
  type NeighborState,
  type RunEntry,
  silentLog,
} from '../ports/index.ts'
import { settingsSchema } from '../settings/settings.ts'
import type { ManualScheduler } from './manual-scheduler.ts'

/** What one machine of the shop does at the moment. */
export interface PaperHost {
  readonly ip: string
  readonly mac: string
  answersIcmp: boolean
  answersArp: boolean
}

type Sent = {
  readonly [K in keyof MessageOf]: { readonly kind: K; readonly message: MessageOf[K] }
}[keyof MessageOf]

/** The smallest world an agent runs in: a few hosts, one uplink, a cloud that takes everything; all in the caller's time. */
export function createPaperShop(scheduler: ManualScheduler, hosts: PaperHost[], settings: object = {}) {
  const sent: Sent[] = []
  const listeners: LanListener[] = []
  let run: RunEntry | undefined
  let events: CloudEvents | undefined
  const state = { hasCarrier: true, isCloudThere: true, doesInternetAnswer: true, bootId: 'boot-1' }
  const gateway = '192.0.2.1'
  const spool = createMemorySpool()

  const own = (): LanInterface => ({
    name: 'eth0',
    hasCarrier: state.hasCarrier,
    addresses: ['192.0.2.2/24'],
    gateway,
  })
  const isThere = (ip: string, how: 'answersIcmp' | 'answersArp') =>
    state.hasCarrier &&
    (hosts.some((host) => host.ip === ip && host[how]) ||
      (ip.startsWith('198.51.100.') && state.doesInternetAnswer))
  const later = <T>(ms: number, value: () => T) =>
    new Promise<T>((resolve) => void scheduler.after(ms, () => resolve(value())))
  const echo = (ip: string) => ({ ip, rttMs: isThere(ip, 'answersIcmp') ? 1 : null })

  const deps: AgentDeps = {
    settings: settingsSchema.parse({
      networks: ['192.0.2.0/24'],
      uplinks: [{ id: 'primary', kind: 'primary', interface: 'eth0' }],
      internetTargets: ['198.51.100.10', '198.51.100.11'],
      isClockTrusted: true,
      ...settings,
    }),
    snmpCommunity: undefined,
    scheduler,
    clockTrust: { isTrusted: () => true },
    random: () => 0,
    log: silentLog,
    lan: {
      interfaces: () => Promise.resolve([own()]),
      neighbors: () =>
        Promise.resolve(
          hosts
            .filter(({ ip }) => isThere(ip, 'answersArp'))
            .map(({ ip, mac }) => ({ ip, mac, interface: 'eth0', state: 'reachable' as const })),
        ),
      poke: () => Promise.resolve(),
      watch(listener) {
        listeners.push(listener)
        return () => undefined
      },
    },
    echo: {
      isAvailable: () => true,
      monitor: ({ ips, periodMs }, onOutcome) =>
        scheduler.every(periodMs, () => {
          for (const ip of ips) onOutcome(echo(ip))
        }),
      ask: (ips) => later(100, () => ips.map(echo)),
      hop: () => Promise.resolve(undefined),
    },
    arp: {
      isAvailable: () => true,
      ask: (_, ips) =>
        later(100, () =>
          hosts
            .filter(({ ip }) => ips.includes(ip) && isThere(ip, 'answersArp'))
            .map(({ ip, mac }) => ({ ip, mac })),
        ),
    },
    resolver: {
      lookup: () => Promise.resolve({ kind: 'no-such-name', tookMs: 1 }),
      reverse: () => Promise.resolve([]),
    },
    connector: {
      connect: () => Promise.resolve({ kind: 'connected', tookMs: 1 }),
      handshake: () => Promise.resolve({ kind: 'connected', tcpMs: 1, tlsMs: 1, certificateDays: 90 }),
    },
    snmp: {
      get: () => Promise.resolve({ kind: 'timeout' }),
      walk: () => Promise.resolve({ kind: 'timeout' }),
    },
    dhcp: { listen: () => Promise.resolve(() => undefined) },
    pingNow: { ping: (_, { count }) => Promise.resolve(Array.from({ length: count }, () => 1)) },
    health: {
      read: () =>
        Promise.resolve({
          ...{ cpuRatio: null, memoryUsedRatio: null, rssBytes: null, load1: null },
          ...{ temperatureC: null, diskUsedRatio: null, writtenBytes: null },
        }),
    },
    spool,
    journal: {
      bootId: () => state.bootId,
      previous: () => run,
      write: (entry) => {
        run = entry
      },
    },
    cloudLink: {
      async open(options) {
        if (!state.isCloudThere || !state.hasCarrier) throw new CloudLinkError('no way')
        events = options.events
        return {
          async publish(kind, payload) {
            if (!state.isCloudThere) throw new CloudLinkError('gone')
            sent.push({ kind, message: decode(kind, payload) } as Sent)
          },
          close: async () => events?.onClosed('closed'),
          cut: () => events?.onClosed('cut'),
        }
      },
    },
  }

  return {
    deps,
    hosts,
    sent,
    state,
    /** Whoever is at these addresses answers the kernel, which tells so. */
    answer(ips: readonly string[]) {
      for (const { ip, mac } of hosts) {
        if (!ips.includes(ip) || !isThere(ip, 'answersArp')) continue
        for (const listener of listeners)
          listener.onNeighbor({ ip, mac, interface: 'eth0', state: 'reachable' })
      }
    },
    /** The kernel comes to believe something else of an address. */
    believe(ip: string, state: NeighborState) {
      for (const listener of listeners) listener.onNeighbor({ ip, interface: 'eth0', state })
    },
    /** Changes of the appliance's own link are noticed at once, as the kernel tells them. */
    setCarrier(hasCarrier: boolean) {
      state.hasCarrier = hasCarrier
      for (const listener of listeners) listener.onInterfaces()
    },
    /** What the cloud sends down over the connection that stands. */
    send<K extends DownKind>(kind: K, message: MessageOf[K]) {
      events?.onMessage(kind, encode(kind, message))
    },
    setCloud(isThere: boolean) {
      state.isCloudThere = isThere
      if (!isThere) events?.onClosed('the link is dead')
    },
    /** Changes as the cloud got them, oldest first. */
    changes: () => sent.flatMap((one) => (one.kind === 'observation' ? [one.message.change] : [])),
  }
}
