import type { Device } from '@proactive/shared'
import {
  type Counters,
  countersOf,
  listInterfaces,
  nameOids,
  oidsOf,
  portFaults,
  rowOf,
} from '../core/interfaces.ts'
import type { SnmpAccess, SnmpValues, Stop } from '../ports/index.ts'
import { isAskedBySnmp, profileOf } from '../rules/profiles.ts'
import type { Ailments } from './ailments.ts'
import type { WatchContext } from './context.ts'

export interface InterfaceWatchDeps {
  /** undefined = SNMP is not set up. */
  readonly snmpAccess: () => SnmpAccess | undefined
  readonly isPresent: (deviceId: string) => boolean
  readonly ailments: Ailments
}

/** Reads each port of routers and switches: link, speed, what goes through, errors. */
export interface InterfaceWatch {
  start(): Stop
}

const periodMs = 60_000
/** Names and roles come with the first inventory. */
const firstReadMs = 25_000
/** Ports are named anew and cards are plugged in seldom. */
const listEvery = 30
const timeoutMs = 1_500
const maxRows = 128
/** Interfaces in one packet: seven values each, an answer well below what a LAN carries in one piece. */
const perPacket = 4
const mostFaults = 8
const roles: readonly string[] = ['router', 'firewall', 'switch', 'access-point', 'modem']

export function createInterfaceWatch(context: WatchContext, deps: InterfaceWatchDeps): InterfaceWatch {
  const { scheduler, snmp, inventory, budget, interfaces, log } = context
  const lastByAlias = new Map<number, Counters>()
  const paidBy = (device: Device) => () => budget.take(profileOf(device).class, 1)
  let round = 0
  let isRunning = false
  let isStopped = false

  async function look(): Promise<void> {
    const access = deps.snmpAccess()
    if (access === undefined || isRunning || isStopped) return
    isRunning = true
    try {
      const isForNames = round++ % listEvery === 0
      for (const deviceId of interfaces.deviceIds())
        if (inventory.byId(deviceId) === undefined) interfaces.put(deviceId, [])
      for (const device of inventory.devices()) {
        if (isStopped || !(device.isGateway || roles.includes(device.role))) continue
        if (!isAskedBySnmp(device) || !deps.isPresent(device.id)) continue
        const isNew = interfaces.of(device.id).length === 0
        if (isForNames || isNew) await name(device, access)
        await read(device, access)
      }
      forgetCounters()
    } finally {
      isRunning = false
    }
  }

  /** Which interfaces it has. One that does not answer keeps those it had. */
  async function name(device: Device, access: SnmpAccess): Promise<void> {
    const [ip] = device.ips
    if (ip === undefined) return
    const options = { ...access, timeoutMs, retries: 1, maxRows, maySend: paidBy(device) }
    const walk = async (oid: string): Promise<SnmpValues | undefined> => {
      const outcome = await snmp.walk(ip, oid, options)
      return outcome.kind === 'values' ? outcome.values : undefined
    }
    const types = await walk(nameOids.type)
    if (types === undefined || types.size === 0 || isStopped) return
    const names = await walk(nameOids.name)
    const descriptions = names?.size === 0 ? await walk(nameOids.description) : new Map()
    // Half of the answer would take the names of all ports away.
    if (names === undefined || descriptions === undefined) return
    const notes = await walk(nameOids.note)
    if (notes === undefined && interfaces.of(device.id).length > 0) return
    interfaces.put(device.id, listInterfaces({ types, names, descriptions, notes: notes ?? new Map() }))
  }

  async function read(device: Device, access: SnmpAccess): Promise<void> {
    const own = interfaces.of(device.id)
    const [ip] = device.ips
    const faults: string[] = []
    for (let from = 0; from < own.length && !isStopped; from += perPacket) {
      const some = own.slice(from, from + perPacket)
      if (ip === undefined) return
      const oids = some.flatMap(({ index }) => oidsOf(index))
      const options = { ...access, timeoutMs, retries: 0, maySend: paidBy(device) }
      const outcome = await snmp.get(ip, oids, options)
      // Who does not answer one question is not asked the next.
      if (outcome.kind !== 'values') return
      const atMono = scheduler.monotonicMs()
      for (const { alias, index, name: port } of some) {
        const now = countersOf(outcome.values, index, atMono)
        const before = lastByAlias.get(alias)
        const row = rowOf(outcome.values, index, now, before)
        lastByAlias.set(alias, now)
        if (row === undefined) continue
        context.sample(['i', alias, ...row])
        const took = atMono - (before?.atMono ?? atMono)
        faults.push(...portFaults(row, took).map((fault) => `port ${port.slice(0, 40)} ${fault}`))
      }
    }
    if (own.length > 0) deps.ailments.note(device, { aspect: 'port', faults: faults.slice(0, mostFaults) })
  }

  function forgetCounters(): void {
    const aliases = new Set(interfaces.list().map(({ alias }) => alias))
    for (const alias of lastByAlias.keys()) if (!aliases.has(alias)) lastByAlias.delete(alias)
  }

  const lookQuietly = () => {
    look().catch((err: unknown) => log.warn({ err }, 'the ports of routers and switches could not be read'))
  }

  return {
    start() {
      const stops = [scheduler.every(periodMs, lookQuietly), scheduler.after(firstReadMs, lookQuietly)]
      return () => {
        isStopped = true
        for (const stop of stops) stop()
      }
    },
  }
}
