import type { EpochMs } from '@proactive/shared'
import type { TrafficReading } from '../core/line-load.ts'
import { bootTimeMs, hasRestarted, type UptimeReading } from '../core/uptime.ts'
import { pickWanInterface } from '../core/wan-interface.ts'
import { createSnmpFacts, identifyBySnmp, scalarsToAsk } from '../identify/index.ts'
import type { SnmpAccess, SnmpValues, Stop } from '../ports/index.ts'
import { isAskedBySnmp, type ProbeClass, profileOf } from '../rules/profiles.ts'
import { evidenceOf, type WallClock, type WatchContext } from './context.ts'
import type { FirstHops } from './first-hop.ts'
import type { Links } from './links.ts'

export interface RouterWatchDeps {
  readonly links: Links
  readonly wall: WallClock
  readonly firstHops: FirstHops
  /** undefined = SNMP is not set up; may change while the agent runs. */
  readonly snmpAccess: () => SnmpAccess | undefined
  readonly wanInterfaceName: string | undefined
  /** While it is not, the WAN interface may have lost its address: another one would be taken for it. */
  readonly isInternetFine: () => boolean
  /** What passed its WAN interface so far, 64-bit counters. */
  readonly onTraffic: (reading: TrafficReading, routerAlias: number) => void
}

/** What the router tells about itself by SNMP: uptime, its WAN interface, its counters. Without a community it tells nothing. */
export interface RouterWatch {
  start(): Stop
  /** Whether the WAN interface is up, asked now; null where the router does not tell. */
  readWanLink(): Promise<boolean | null>
  /** When the router started, by a reading not older than `notBeforeMono`; undefined where there is none. */
  bootMs(notBeforeMono: number): EpochMs | undefined
  /** Reads once more, soon. */
  readSoon(): void
  /** Asks managed equipment what it is; nobody else is shown the community. */
  identify(ip: string): void
}

const periodMs = 10_000
const soonMs = 1_000
const timeoutMs = 1_000
/** A WAN interface that may be another one by now is looked for so often, until it is found. */
const doubtMs = 60_000
const identifyAgainMs = 6 * 3_600_000
const wanKey = 'routerWan'

/** RFC 3418, RFC 2863, RFC 4293 (deprecated address table, which every router still has). */
const oids = {
  sysDescr: '1.3.6.1.2.1.1.1.0',
  sysObjectId: '1.3.6.1.2.1.1.2.0',
  sysUpTime: '1.3.6.1.2.1.1.3.0',
  sysName: '1.3.6.1.2.1.1.5.0',
  addressInterface: '1.3.6.1.2.1.4.20.1.2',
  interfaceName: '1.3.6.1.2.1.31.1.1.1.1',
  operStatus: (index: number) => `1.3.6.1.2.1.2.2.1.8.${index}`,
  inErrors: (index: number) => `1.3.6.1.2.1.2.2.1.14.${index}`,
  outErrors: (index: number) => `1.3.6.1.2.1.2.2.1.20.${index}`,
  inOctets: (index: number) => `1.3.6.1.2.1.31.1.1.1.6.${index}`,
  highSpeed: (index: number) => `1.3.6.1.2.1.31.1.1.1.15.${index}`,
  outOctets: (index: number) => `1.3.6.1.2.1.31.1.1.1.10.${index}`,
} as const

export function createRouterWatch(context: WatchContext, deps: RouterWatchDeps): RouterWatch {
  const { scheduler, snmp, inventory, log } = context
  const { links, wall, snmpAccess } = deps
  let last: UptimeReading | undefined
  let wanIndex = Number(context.recall(wanKey) ?? 0) || undefined
  /** The router numbers its interfaces anew at its start (RFC 2863 §3.1.5), and PPP's whenever it dials. */
  let isWanInDoubt = false
  let soughtAtMono = Number.NEGATIVE_INFINITY
  let isReading = false
  let stopSoon: Stop | undefined
  let isStopped = false
  const identifiedAt = new Map<string, number>()

  const gateway = () =>
    (links.uplinks().find(({ kind }) => kind === 'primary') ?? links.uplinks()[0])?.gateway

  const paidBy = (of: ProbeClass) => () => context.budget.take(of, 1)

  async function get(
    ip: string,
    wanted: readonly string[],
    retries = 1,
    pays: ProbeClass = 'gateway',
  ): Promise<SnmpValues | undefined> {
    const access = snmpAccess()
    if (access === undefined) return undefined
    const outcome = await snmp.get(ip, wanted, { ...access, timeoutMs, retries, maySend: paidBy(pays) })
    return outcome.kind === 'values' ? outcome.values : undefined
  }

  async function read(): Promise<void> {
    const ip = gateway()
    if (ip === undefined || snmpAccess() === undefined || isReading || isStopped) return
    isReading = true
    try {
      const index = wanIndex
      const values = await get(ip, [
        oids.sysUpTime,
        ...(index === undefined
          ? []
          : [
              oids.operStatus(index),
              oids.inOctets(index),
              oids.outOctets(index),
              oids.inErrors(index),
              oids.outErrors(index),
              oids.highSpeed(index),
            ]),
      ])
      if (values === undefined) return
      take(ip, values, index)
      if (index !== undefined && !values.has(oids.operStatus(index))) isWanInDoubt = true
      if (wanIndex === undefined || isWanInDoubt) await findWan(ip)
    } finally {
      isReading = false
    }
  }

  function take(ip: string, values: SnmpValues, index: number | undefined): void {
    const ticks = values.get(oids.sysUpTime)
    if (typeof ticks !== 'number') return
    const reading: UptimeReading = { atMono: scheduler.monotonicMs(), uptimeMs: ticks * 10 }
    const device = inventory.byIp(ip)
    if (last !== undefined && device !== undefined && hasRestarted(last, reading)) {
      log.info({ deviceId: device.id, uptimeMs: reading.uptimeMs }, 'the router restarted')
      context.observe({
        type: 'device-restarted',
        deviceId: device.id,
        uptimeMs: reading.uptimeMs,
        evidence: [
          evidenceOf('uptime', ip, 'changed', wall(), `up for ${Math.round(reading.uptimeMs / 1_000)} s`),
        ],
      })
      identify(ip)
      isWanInDoubt = true
    }
    last = reading
    if (device === undefined) return
    const number = (oid: string) => {
      const value = values.get(oid)
      return typeof value === 'number' ? value : null
    }
    const row =
      index === undefined
        ? [null, null, null, null, null]
        : [
            upOrDown(values.get(oids.operStatus(index))),
            number(oids.inOctets(index)),
            number(oids.outOctets(index)),
            number(oids.inErrors(index)),
            number(oids.outErrors(index)),
          ]
    context.sample(['s', device.alias, Math.round(reading.uptimeMs / 1_000), ...row])
    const [, rxBytes, txBytes] = row
    if (index === undefined || typeof rxBytes !== 'number' || typeof txBytes !== 'number') return
    const speedMbit = number(oids.highSpeed(index))
    const source = `${device.id} ${index}`
    deps.onTraffic({ atMono: reading.atMono, rxBytes, txBytes, source, speedMbit }, device.alias)
  }

  /** Which of the router's interfaces leads out. Found while all is well, kept for when it is not. */
  async function findWan(ip: string): Promise<void> {
    const access = snmpAccess()
    const nowMono = scheduler.monotonicMs()
    if (access === undefined) return
    if (isWanInDoubt && (nowMono - soughtAtMono < doubtMs || !deps.isInternetFine())) return
    soughtAtMono = nowMono
    const options = { ...access, timeoutMs, retries: 1, maxRows: 64, maySend: paidBy('gateway') }
    const [addresses, names] = await Promise.all([
      snmp.walk(ip, oids.addressInterface, options),
      snmp.walk(ip, oids.interfaceName, options),
    ])
    const found = pickWanInterface({
      indexByAddress: suffixes(
        addresses.kind === 'values' ? addresses.values : new Map(),
        oids.addressInterface,
      ),
      nameByIndex: suffixes(names.kind === 'values' ? names.values : new Map(), oids.interfaceName),
      networks: [...context.plan().networks, ...links.attachedNetworks()],
      firstHop: deps.firstHops.of(links.uplinks()[0]?.id ?? ''),
      wantedName: deps.wanInterfaceName,
    })
    if (found === undefined) return
    isWanInDoubt = false
    if (found === wanIndex) return
    wanIndex = found
    context.remember(wanKey, String(found))
    log.info({ router: ip, interfaceIndex: found }, "the router's WAN interface is known")
  }

  function identify(ip: string): void {
    if (snmpAccess() === undefined) return
    const device = inventory.byIp(ip)
    const mac = device?.macs[0]
    if (device === undefined || mac === undefined || !isAskedBySnmp(device)) return
    const nowMono = scheduler.monotonicMs()
    const before = identifiedAt.get(device.id)
    if (before !== undefined && nowMono - before < identifyAgainMs) return
    identifiedAt.set(device.id, nowMono)
    askWhatItIs(ip, mac, profileOf(device).class).catch((err: unknown) =>
      log.debug({ err, ip }, 'a device could not be asked what it is'),
    )
  }

  /** Two questions: the system group, then the scalars in which that product line keeps model, version and serial. */
  async function askWhatItIs(ip: string, mac: string, probeClass: ProbeClass): Promise<void> {
    const system = await get(ip, [oids.sysDescr, oids.sysName, oids.sysObjectId], 0, probeClass)
    if (system === undefined) return
    const told = new Map([...system].map(([oid, value]) => [oid, String(value)]))
    const learn = (key: string, value: string | undefined) =>
      value !== undefined && value !== '' && inventory.learn(mac, { source: 'snmp', key, value })
    let isChanged = learn('sysDescr', told.get(oids.sysDescr))
    isChanged = learn('sysName', told.get(oids.sysName)) || isChanged
    isChanged = learn('sysObjectId', told.get(oids.sysObjectId)) || isChanged
    const wanted = scalarsToAsk(createSnmpFacts(told))
    const more = wanted.length > 0 ? await get(ip, wanted, 0, probeClass) : undefined
    if (more !== undefined) {
      const before = identifyBySnmp(createSnmpFacts(told))
      for (const [oid, value] of more) told.set(oid, String(value))
      const after = identifyBySnmp(createSnmpFacts(told))
      isChanged = learn('model', after.model) || isChanged
      isChanged = learn('version', after.version) || isChanged
      isChanged = learn('serial', after.serial) || isChanged
      // A maker that only its own scalar gives away: that scalar is the evidence.
      const proof = [...more].find(([, value]) => value !== '')
      if (after.vendor !== before.vendor && proof !== undefined)
        isChanged = learn(proof[0], String(proof[1])) || isChanged
    }
    if (!isChanged) return
    context.remember('inventory', inventory.serialize())
    context.announce()
  }

  const readQuietly = () => {
    read().catch((err: unknown) => log.warn({ err }, 'the router could not be read'))
  }

  return {
    start() {
      const stopEvery = scheduler.every(periodMs, readQuietly)
      readQuietly()
      return () => {
        isStopped = true
        stopEvery()
        stopSoon?.()
      }
    },
    async readWanLink() {
      const ip = gateway()
      if (ip === undefined || wanIndex === undefined) return null
      const values = await get(ip, [oids.operStatus(wanIndex)])
      const up = upOrDown(values?.get(oids.operStatus(wanIndex)))
      return up === null ? null : up === 1
    },
    bootMs: (notBeforeMono) =>
      last === undefined || last.atMono < notBeforeMono ? undefined : bootTimeMs(last, wall(last.atMono)),
    readSoon() {
      stopSoon ??= scheduler.after(soonMs, () => {
        stopSoon = undefined
        readQuietly()
      })
    },
    identify,
  }
}

/** ifOperStatus (RFC 2863): 1 up, 2 down, 7 lowerLayerDown; the rest says nothing. */
function upOrDown(value: number | string | undefined): 0 | 1 | null {
  if (value === 1) return 1
  return value === 2 || value === 7 ? 0 : null
}

/** What stands behind the column's OID → value. */
function suffixes(values: SnmpValues, oid: string): Map<string, number | string> {
  return new Map(
    [...values].flatMap(([key, value]) =>
      key.startsWith(`${oid}.`) ? [[key.slice(oid.length + 1), value]] : [],
    ),
  )
}
