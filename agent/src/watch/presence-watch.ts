import type { Device, Evidence, MonotonicMs } from '@proactive/shared'
import { isInsideAny } from '../core/networks.ts'
import { judgePresence, newPresence, type Presence, type RoundOutcome, recheckMs } from '../core/presence.ts'
import type { Neighbor, Stop } from '../ports/index.ts'
import { type ProbeClass, probeClasses, profileOf, profileOfClass } from '../rules/profiles.ts'
import type { LinkAsker, OnLink } from './ask-link.ts'
import { evidenceOf, type WallClock, type WatchContext } from './context.ts'
import { createDoubts } from './doubts.ts'
import { hasUnaskedAddress, ipsOf, isBehindRouter } from './asked-devices.ts'
import type { Links } from './links.ts'
import { readProbe } from './probe-outcome.ts'
import { parseIds } from './remembered-ids.ts'

/** Watches whether each device is there, at the pace of its class. */
export interface PresenceWatch {
  start(): Stop
  /** The inventory or the interfaces changed: targets are sorted anew. */
  arrange(): void
  /** A device showed life by other means: it is asked at once. */
  nudge(ip: string): void
  /** The kernel doubts an address, or gave it up. It looks only when asked to: where that is all there is to go by, without raw ARP, it is asked at once. */
  doubt(neighbor: Neighbor): void
  /** Takes a round that somebody else asked (the gateway, by its uplink). */
  feed(deviceId: string, outcome: RoundOutcome, rttMs?: number | null): void
  statusOf(deviceId: string): Presence['status']
  /** Asks now by every means, within 2 s; feeds the answer in. undefined = the budget of its class is used up. */
  probe(
    deviceId: string,
  ): Promise<{ readonly isThere: boolean; readonly evidence: readonly Evidence[] } | undefined>
  /** Whether it is asked by ARP, because it does not answer echo requests. */
  ignoresIcmp(deviceId: string): boolean
  /** What the link says about these addresses now. */
  askOnLink(ips: readonly string[]): Promise<ReadonlyMap<string, OnLink>>
  /** Devices that are there, devices known. */
  figures(): { readonly present: number; readonly known: number }
}

interface Tracked {
  presence: Presence
  /** `icmp` once it answered an echo; `arp` for devices that ignore ICMP; `new` until that is known. */
  mode: 'new' | 'icmp' | 'arp'
  /** Rounds in a row that ARP answered and ICMP did not. */
  arpOnly: number
  /** Whether the last echo request of its rounds was lost. */
  hasMissedEcho: boolean
}

/** So many rounds by ARP alone make a device one that ignores ICMP: few for a newcomer, many for one that used to answer. */
const arpOnlyToLearn = { new: 3, icmp: 30, arp: 1 } as const

/** A device that ignores ICMP may learn to answer (another firmware, a firewall rule): asked again this often. */
const modeRetryMs = 30 * 60_000
/** A round is over within seconds: its tools are ended when they are late. */
const mostRecheckMs = 60_000
/** Two echo requests, up to two ARP requests. */
const probePackets = 4
const silentKey = 'silent'
const modeKey = 'icmp'

export function createPresenceWatch(
  context: WatchContext,
  links: Links,
  asker: LinkAsker,
  wall: WallClock,
): PresenceWatch {
  const { scheduler, echo, inventory, log, budget } = context
  const trackedById = new Map<string, Tracked>()
  const suspects = new Set<string>()
  const monitorByClass = new Map<ProbeClass, { readonly key: string; readonly stop: Stop }>()
  const wasSilent = new Set(parseIds(context.recall(silentKey)))
  const answersIcmp = new Set(parseIds(context.recall(modeKey)))
  let stopRecheck: Stop | undefined
  let stopArrange: Stop | undefined
  let isRecheckRunning = false
  let isStopped = false

  function track(device: Device): Tracked {
    const known = trackedById.get(device.id)
    if (known !== undefined) return known
    const tracked: Tracked = {
      // What was silent when the last run ended is silent until it answers: then the cloud is told so.
      presence: wasSilent.has(device.id)
        ? { ...newPresence, status: 'silent', firstMissMono: scheduler.monotonicMs() }
        : newPresence,
      mode: answersIcmp.has(device.id) ? 'icmp' : 'new',
      arpOnly: 0,
      hasMissedEcho: false,
    }
    trackedById.set(device.id, tracked)
    return tracked
  }

  const doubts = createDoubts(context, (deviceIds) => {
    for (const id of deviceIds) suspects.add(id)
    scheduleRecheck()
  })

  const isProbed = (device: Device) => {
    const ip = device.ips[0]
    return (
      ip !== undefined &&
      !device.isGateway &&
      isInsideAny(context.plan().networks, ip) &&
      !links.isOwnAddress(ip)
    )
  }

  function arrange(): void {
    if (isStopped) return
    const ipsByClass = new Map<ProbeClass, string[]>(probeClasses.map((name) => [name, []]))
    const countByClass = new Map<ProbeClass, number>()
    // Who was forgotten is no longer watched.
    for (const id of trackedById.keys()) {
      if (inventory.byId(id) !== undefined) continue
      trackedById.delete(id)
      suspects.delete(id)
      answersIcmp.delete(id)
    }
    for (const device of inventory.devices()) {
      const tracked = track(device)
      const { class: name } = profileOf(device)
      countByClass.set(name, (countByClass.get(name) ?? 0) + 1)
      const ip = device.ips[0]
      if (ip === undefined || !isProbed(device)) continue
      if (tracked.mode === 'icmp') ipsByClass.get(name)?.push(ip)
      if (tracked.mode === 'new' && tracked.presence.status !== 'silent') suspects.add(device.id)
    }
    for (const [name, ips] of ipsByClass) {
      budget.setPopulation(name, countByClass.get(name) ?? 0)
      const key = ips.sort().join(' ')
      const running = monitorByClass.get(name)
      if (running?.key === key) continue
      running?.stop()
      const { periodMs, timeoutMs } = profileOfClass(name)
      const stop = echo.monitor({ ips, periodMs, timeoutMs }, ({ ip, rttMs }) => heard(name, ip, rttMs))
      monitorByClass.set(name, { key, stop })
    }
    scheduleRecheck()
  }

  /** Many devices learn at once how they are asked; they are sorted once for all of them. */
  function arrangeSoon(): void {
    stopArrange ??= scheduler.after(0, () => {
      stopArrange = undefined
      arrange()
    })
  }

  function heard(name: ProbeClass, ip: string, rttMs: number | null): void {
    budget.spend(name, 1)
    const device = inventory.byIp(ip)
    if (device === undefined || device.isGateway) return
    context.sample(['e', device.alias, rttMs])
    track(device).hasMissedEcho = rttMs === null
    feed(device.id, rttMs === null ? { kind: 'missed', arp: 'not-asked' } : { kind: 'answered' })
  }

  function feed(deviceId: string, outcome: RoundOutcome, rttMs?: number | null): void {
    const device = inventory.byId(deviceId)
    if (device === undefined) return
    const tracked = track(device)
    if (rttMs !== undefined) {
      context.sample(['e', device.alias, rttMs])
      if (rttMs !== null) tracked.mode = 'icmp'
    }
    const nowMono = scheduler.monotonicMs()
    const [presence, effect] = judgePresence(tracked.presence, outcome, nowMono)
    tracked.presence = presence
    if (effect === undefined) {
      suspects.delete(deviceId)
      return
    }
    if (effect.type === 'recheck') {
      // The gateway is asked again by its uplink.
      if (!device.isGateway) suspects.add(deviceId)
      scheduleRecheck()
      return
    }
    suspects.delete(deviceId)
    if (effect.type === 'silent') tellSilent(device, effect.sinceMono)
    else tellAnswered(device, effect.silentMs)
  }

  function tellSilent(device: Device, sinceMono: MonotonicMs): void {
    const ip = device.ips[0] ?? ''
    const atMs = wall()
    log.info({ deviceId: device.id, ip, role: device.role }, 'a device fell silent')
    const link = links.interfaceOf(ip)
    context.observe({
      type: 'device-silent',
      deviceId: device.id,
      sinceMs: wall(sinceMono),
      evidence: [
        ...(link?.hasCarrier === false ? [evidenceOf('carrier', link.name, 'down', atMs)] : []),
        ...(track(device).mode === 'icmp' ? [evidenceOf('icmp', ip, 'timeout', atMs)] : []),
        evidenceOf('arp', ip, 'timeout', atMs, asker.method()),
      ],
    })
    saveSilent()
  }

  function tellAnswered(device: Device, silentMs: number): void {
    const ip = device.ips[0] ?? ''
    log.info({ deviceId: device.id, ip, silentMs }, 'a device answers again')
    const probe = track(device).mode === 'icmp' ? 'icmp' : 'arp'
    context.observe({
      type: 'device-answered',
      deviceId: device.id,
      silentMs,
      evidence: [evidenceOf(probe, ip, 'reply', wall())],
    })
    saveSilent()
  }

  function saveSilent(): void {
    const ids = [...trackedById].filter(([, { presence }]) => presence.status === 'silent').map(([id]) => id)
    context.remember(silentKey, JSON.stringify(ids))
  }

  function scheduleRecheck(): void {
    if (suspects.size === 0 || stopRecheck !== undefined || isRecheckRunning || isStopped) return
    stopRecheck = scheduler.after(recheckMs, () => {
      stopRecheck = undefined
      isRecheckRunning = true
      context.pulse
        .watch('recheck', mostRecheckMs, recheck([...suspects]))
        .catch((err: unknown) => log.warn({ err }, 'a recheck did not end well'))
        .finally(() => {
          isRecheckRunning = false
          scheduleRecheck()
        })
    })
  }

  /** One round over these devices: ICMP and ARP side by side, for all of them together. */
  async function recheck(ids: readonly string[]): Promise<void> {
    const devices = ids
      .flatMap((id) => inventory.byId(id) ?? [])
      .filter((device) => {
        const isDue = isProbed(device)
        if (!isDue) suspects.delete(device.id)
        return isDue && budget.take(profileOf(device).class, 2)
      })
    await round(devices, (device) => track(device).mode !== 'arp')
  }

  async function round(devices: readonly Device[], wantsEcho: (device: Device) => boolean): Promise<void> {
    const echoIps = devices.filter(wantsEcho).flatMap(ipsOf)
    // Nobody misses a newcomer yet: it is asked on the link only where it does not answer an echo.
    const newcomers = new Set(
      devices.filter((device) => echo.isAvailable() && track(device).presence.status === 'unknown'),
    )
    const [echoes, known] = await Promise.all([
      echo.ask(echoIps, { count: 1, timeoutMs: 900 }),
      asker.ask(devices.filter((device) => !newcomers.has(device)).flatMap(ipsOf)),
    ])
    const rttByIp = new Map(echoes.map(({ ip, rttMs }) => [ip, rttMs]))
    const hasEchoed = (ip: string) => (rttByIp.get(ip) ?? null) !== null
    const mute = [...newcomers].filter((device) => !ipsOf(device).some(hasEchoed))
    const link = new Map([...known, ...(await asker.ask(mute.flatMap(ipsOf)))])
    const isThere = (ip: string) => hasEchoed(ip) || link.get(ip) === 'answered'
    for (const device of devices) {
      const [home = ''] = device.ips
      const ip = isThere(home) ? home : (ipsOf(device).find(isThere) ?? home)
      if (ip !== home) leave(home)
      const tracked = track(device)
      const rttMs = rttByIp.get(ip) ?? null
      const onLink = link.get(ip) ?? 'unsure'
      if (rttMs !== null) {
        tracked.arpOnly = 0
        tracked.hasMissedEcho = false
        learnMode(device, tracked, 'icmp')
      } else if (onLink === 'answered' && echoIps.includes(ip)) {
        tracked.arpOnly++
        if (!echo.isAvailable() || tracked.arpOnly >= arpOnlyToLearn[tracked.mode])
          learnMode(device, tracked, 'arp')
      }
      if (rttMs !== null || onLink === 'answered') {
        context.sample(['p', device.alias, 1])
        feed(device.id, { kind: 'answered' })
      } else if (hasUnaskedAddress(device, inventory.byId(device.id))) {
        // It took another address while it was asked at the old one: that is no miss yet.
        suspects.add(device.id)
        continue
      } else if (tracked.presence.status === 'unknown' && isBehindRouter(links, ip)) {
        // Only ICMP reaches it there: one that never answered that cannot be missed.
        suspects.delete(device.id)
        continue
      } else {
        if (onLink === 'silent') context.sample(['p', device.alias, 0])
        feed(device.id, { kind: 'missed', arp: onLink })
      }
      if (tracked.mode === 'new' && tracked.presence.status !== 'silent') suspects.add(device.id)
    }
    scheduleRecheck()
  }

  /** A device with a new lease is there under its new address while the table of neighbors still holds the old one. */
  function leave(ip: string): void {
    if (inventory.drop(ip) === undefined) return
    context.announce()
    arrangeSoon()
  }

  function learnMode(device: Device, tracked: Tracked, mode: 'icmp' | 'arp'): void {
    if (tracked.mode === mode) return
    tracked.mode = mode
    if (mode === 'icmp') answersIcmp.add(device.id)
    else answersIcmp.delete(device.id)
    context.remember(modeKey, JSON.stringify([...answersIcmp]))
    log.debug({ deviceId: device.id, mode }, 'how a device is asked')
    arrangeSoon()
  }

  /** Devices that ignore ICMP, one class together at the class's pace. */
  function askByArp(name: ProbeClass): void {
    const ids = [...trackedById].filter(([id, { mode }]) => mode !== 'icmp' && !suspects.has(id))
    const devices = ids
      .flatMap(([id]) => inventory.byId(id) ?? [])
      .filter((device) => isProbed(device) && profileOf(device).class === name)
    if (devices.length === 0) return
    budget.spend(name, devices.length)
    round(devices, (device) => track(device).mode === 'new').catch((err: unknown) =>
      log.warn({ err }, 'a round by ARP did not end well'),
    )
  }

  function retryModes(): void {
    for (const tracked of trackedById.values()) {
      if (tracked.mode !== 'arp') continue
      tracked.mode = 'new'
      tracked.arpOnly = 0
    }
    arrange()
  }

  return {
    start() {
      const stops = [
        // Gateways are asked by their uplink.
        ...probeClasses
          .filter((name) => name !== 'gateway')
          .map((name) => scheduler.every(profileOfClass(name).periodMs, () => askByArp(name))),
        scheduler.every(modeRetryMs, retryModes),
      ]
      arrange()
      return () => {
        isStopped = true
        for (const stop of stops) stop()
        for (const { stop } of monitorByClass.values()) stop()
        monitorByClass.clear()
        stopRecheck?.()
        stopArrange?.()
        doubts.stop()
      }
    },
    arrange,
    nudge(ip) {
      const device = inventory.byIp(ip)
      if (device === undefined || !isProbed(device)) return
      const { presence } = track(device)
      if (presence.status === 'present') return
      suspects.add(device.id)
      scheduleRecheck()
    },
    doubt({ ip, state }) {
      const device = isStopped || asker.isRaw() ? undefined : inventory.byIp(ip)
      if (device === undefined || !isProbed(device)) return
      const isSuspect = suspects.has(device.id)
      // Of one with several addresses a single one given up says nothing.
      if (state === 'failed' && isSuspect && ipsOf(device).length === 1)
        feed(device.id, { kind: 'missed', arp: 'silent' })
      const { mode, hasMissedEcho } = track(device)
      if (state === 'stale' && !isSuspect && (mode !== 'icmp' || hasMissedEcho)) doubts.add(ip)
    },
    feed,
    statusOf: (deviceId) => trackedById.get(deviceId)?.presence.status ?? 'unknown',
    async probe(deviceId) {
      const device = inventory.byId(deviceId)
      const ip = device?.ips[0]
      if (device === undefined || ip === undefined) return { isThere: false, evidence: [] }
      const ips = ipsOf(device)
      if (!budget.take(profileOf(device).class, probePackets * ips.length)) return undefined
      const [echoes, link] = await Promise.all([echo.ask(ips, { count: 2, timeoutMs: 900 }), asker.ask(ips)])
      const answersEchoes = !device.isGateway && track(device).mode === 'icmp'
      const { outcome, evidence } = readProbe({ ips, echoes, link, asker, answersEchoes }, wall())
      feed(device.id, outcome)
      return { isThere: outcome.kind === 'answered', evidence }
    },
    ignoresIcmp: (deviceId) => trackedById.get(deviceId)?.mode === 'arp',
    askOnLink: (ips) => asker.ask(ips),
    figures: () => ({
      present: [...trackedById.values()].filter(({ presence }) => presence.status === 'present').length,
      known: trackedById.size,
    }),
  }
}
