import type {
  Arp,
  ArpAnswer,
  Connector,
  ConnectOutcome,
  Echo,
  EchoOutcome,
  HandshakeOutcome,
} from '../../agent/src/ports/index.ts'
import { addresses } from '../lab/topology.ts'
import type { Machine } from './machine.ts'
import type { VirtualLocation } from './virtual-location.ts'
import type { VirtualNeighbors } from './virtual-neighbors.ts'
import { isInternetAddress, isLanAddress, type Path, type VirtualPaths } from './virtual-paths.ts'

export interface ProbeWorld {
  readonly machine: Machine
  readonly location: VirtualLocation
  readonly paths: VirtualPaths
  readonly neighbors: VirtualNeighbors
}

/** What a child process costs before its first packet leaves. */
const spawnMs = 5

/** Resolves after this long in the machine's life; never where the life ends before. */
export function later<T>(machine: Machine, delayMs: number, answer: () => T): Promise<T> {
  return new Promise((resolve) => machine.after(delayMs, () => resolve(answer())))
}

export function createVirtualEcho(
  { machine, location, paths, neighbors }: ProbeWorld,
  onLineMissed: () => void = () => undefined,
): Echo {
  function once(ip: string, timeoutMs: number, localAddress: string | undefined): number | null {
    const path = paths.to(ip, localAddress)
    if (path === undefined || path.node?.spec.ignoresPing === true) return null
    const rttMs = paths.roundTrip(path)
    return rttMs === null || rttMs > timeoutMs ? null : Math.round(rttMs * 100) / 100
  }

  return {
    isAvailable: () => true,
    monitor({ ips, periodMs, timeoutMs, localAddress }, onOutcome) {
      if (ips.length === 0) return () => undefined
      let isStopped = false
      const round = () => {
        neighbors.used(ips)
        let silent: string[] | undefined
        for (const ip of ips) {
          const rttMs = once(ip, timeoutMs, localAddress)
          // A reply is told at once: it takes a fraction of the pace, and saves a task per packet.
          if (rttMs !== null) onOutcome({ ip, rttMs })
          else {
            silent ??= []
            silent.push(ip)
            if (isInternetAddress(ip)) onLineMissed()
          }
        }
        if (silent === undefined) return
        const timedOut = silent
        machine.after(timeoutMs, () => {
          if (!isStopped) for (const ip of timedOut) onOutcome({ ip, rttMs: null })
        })
      }
      const stopFirst = machine.after(spawnMs, round)
      const stop = machine.every(periodMs, round)
      return () => {
        isStopped = true
        stopFirst()
        stop()
      }
    },
    async ask(ips, { count, timeoutMs, localAddress }) {
      const outcomes: EchoOutcome[] = []
      if (ips.length === 0) return outcomes
      for (let round = 1; round <= count; round++) {
        const answers = await later(machine, round === 1 ? spawnMs : 0, () => {
          neighbors.used(ips)
          return ips.map((ip) => ({ ip, rttMs: once(ip, timeoutMs, localAddress) }))
        })
        outcomes.push(...answers)
        const slowest = Math.max(0, ...answers.map(({ rttMs }) => rttMs ?? timeoutMs))
        await later(machine, round === count ? slowest : timeoutMs, () => undefined)
      }
      return outcomes
    },
    hop(ip, { hops, timeoutMs, localAddress }) {
      const target = hopOn(location, paths, ip, hops, localAddress)
      const path = target === undefined ? undefined : paths.to(target, localAddress)
      const rttMs = path === undefined ? null : paths.roundTrip(path)
      return later(machine, spawnMs + (rttMs ?? timeoutMs), () => (rttMs === null ? undefined : target))
    },
  }
}

/** Which router lets a packet with this many hops left die: the lab's ways out are two routers long, or one. */
function hopOn(
  location: VirtualLocation,
  paths: VirtualPaths,
  ip: string,
  hops: number,
  localAddress: string | undefined,
): string | undefined {
  if (isLanAddress(ip) || ip === addresses.backup) return ip
  if (!paths.hasRoute(ip, localAddress)) return undefined
  const isByBackup =
    localAddress === addresses.applianceBackup || (localAddress === undefined && !location.isApplianceOnLan())
  const way = isByBackup ? [addresses.backup] : [addresses.router, addresses.provider]
  if (ip === addresses.provider || ip === addresses.routerWan) return hops === 1 ? addresses.router : ip
  return way[hops - 1] ?? ip
}

/** arp-scan as the agent runs it: two tries, 300 ms each. */
const arpTries = 2
const arpTryMs = 300

export function createVirtualArp({ machine, paths }: ProbeWorld, isAvailable: boolean): Arp {
  return {
    isAvailable: () => isAvailable,
    async ask(_interfaceName, ips) {
      const answers = new Map<string, ArpAnswer>()
      if (ips.length === 0) return []
      for (let round = 0; round < arpTries; round++) {
        await later(machine, round === 0 ? spawnMs : arpTryMs, () => {
          for (const ip of ips) {
            for (const { spec } of paths.arpAnswers(ip)) {
              answers.set(`${ip} ${spec.mac}`, { ip, mac: spec.mac })
            }
          }
        })
      }
      return later(machine, arpTryMs, () => [...answers.values()])
    },
  }
}

/** When the kernel sends an unanswered SYN again: 1 s, then 3 s after the first (RFC 6298, initial RTO 1 s). */
const synAtMs = [0, 1_000, 3_000, 7_000]
/** Linux gives an address up after three unanswered ARP requests. */
const noNeighborMs = 3_050
const certificateDays = 300

export function createVirtualConnector(world: ProbeWorld): Connector {
  const { machine, location, paths, neighbors } = world

  function portAnswer(ip: string, port: number): 'open' | 'refused' | 'silent' {
    const { processor } = location.effects()
    if (ip === addresses.processor)
      return port !== 443 || processor === 'refused' ? 'refused' : processor === 'silent' ? 'silent' : 'open'
    if ((addresses.targets as readonly string[]).includes(ip)) return port === 443 ? 'open' : 'refused'
    if (ip === addresses.cloud) return port === 8_883 || port === 8_443 ? 'open' : 'refused'
    return port === 9_100 && paths.to(ip)?.node?.spec.role === 'printer' ? 'open' : 'refused'
  }

  /** Sends SYNs until one is answered; the path is looked at anew each time. */
  async function open(
    ip: string,
    port: number,
    { timeoutMs, localAddress }: { readonly timeoutMs: number; readonly localAddress?: string },
  ): Promise<{ outcome: ConnectOutcome; path?: Path }> {
    neighbors.used([ip])
    if (!paths.hasRoute(ip, localAddress)) {
      const outcome = { kind: 'unreachable', tookMs: 0, detail: 'EHOSTUNREACH' } as const
      return later(machine, 0, () => ({ outcome }))
    }
    if (isLanAddress(ip) && paths.to(ip, localAddress) === undefined && noNeighborMs < timeoutMs) {
      const outcome = { kind: 'unreachable', tookMs: noNeighborMs, detail: 'EHOSTUNREACH' } as const
      return later(machine, noNeighborMs, () => ({ outcome }))
    }
    let waitedMs = 0
    for (const atMs of synAtMs) {
      if (atMs >= timeoutMs) break
      if (atMs > waitedMs) await later(machine, atMs - waitedMs, () => undefined)
      waitedMs = atMs
      const path = paths.to(ip, localAddress)
      const rttMs = path === undefined ? null : paths.roundTrip(path)
      const answer = portAnswer(ip, port)
      if (path === undefined || rttMs === null || answer === 'silent') continue
      const tookMs = atMs + rttMs
      if (tookMs > timeoutMs) break
      const outcome: ConnectOutcome =
        answer === 'open'
          ? { kind: 'connected', tookMs }
          : { kind: 'refused', tookMs, detail: 'ECONNREFUSED' }
      return later(machine, rttMs, () => ({ outcome, path }))
    }
    const outcome = { kind: 'timeout', tookMs: timeoutMs, detail: `no answer in ${timeoutMs} ms` } as const
    return later(machine, Math.max(0, timeoutMs - waitedMs), () => ({ outcome }))
  }

  return {
    connect: async (ip, port, options) => (await open(ip, port, options)).outcome,
    async handshake(ip, port, options): Promise<HandshakeOutcome> {
      const { outcome, path } = await open(ip, port, options)
      if (outcome.kind !== 'connected' || path === undefined) {
        return outcome.kind === 'connected'
          ? { kind: 'tls-failed', tcpMs: outcome.tookMs, detail: 'no way' }
          : { kind: 'tcp-failed', outcome }
      }
      const tcpMs = outcome.tookMs
      if (ip === addresses.processor && location.effects().processor === 'tls') {
        return later(machine, path.medianMs, () => ({
          kind: 'tls-failed',
          tcpMs,
          detail: 'closed during the handshake',
        }))
      }
      // Two round trips; TCP sends a lost packet again after 200 ms and more.
      let tlsMs = 0
      for (let trip = 0; trip < 2; trip++) {
        for (let tries = 0; tries < 6; tries++) {
          const rttMs = paths.roundTrip(path)
          tlsMs += rttMs ?? 200 * 2 ** tries
          if (rttMs !== null) break
        }
      }
      if (tlsMs > options.timeoutMs) {
        const detail = `no handshake in ${options.timeoutMs} ms`
        return later(machine, options.timeoutMs, () => ({ kind: 'tls-failed', tcpMs, detail }))
      }
      return later(machine, tlsMs, () => ({ kind: 'connected', tcpMs, tlsMs, certificateDays }))
    },
  }
}
