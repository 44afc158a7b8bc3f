import type { MonotonicMs } from '@proactive/shared'
import { type Allowance, createAllowance } from './allowance.ts'

/**
 * How fast a device may change its addresses. Each change is told to the cloud and kept on the card; somebody who makes up addresses all day
 * must not make the appliance do so all day. What is above the pace is counted and looked at again when it is seen again.
 */
export interface AddressTurnover {
  /** The addresses of IPv6 of a device that speaks from this one, latest first; undefined where they stay as they are. */
  heard6(device: object, ips6: readonly string[], ip: string): readonly string[] | undefined
  /** Without those that were not heard for two days while a later one was. */
  aged6(device: object, ips6: readonly string[]): readonly string[]
  /** Whether this device may have another MAC now. */
  mayTakeMac(device: object): boolean
  /** Whether yet another MAC that nobody knows may be taken in at this address now. */
  mayBear(ip: string): boolean
  ignored(): number
}

/** Beside the link-local one a host has a lasting address and, a day each, temporary ones (RFC 8981 §3.4); more are not kept. */
export const mostIps6 = 4
/** A temporary address is valid for two days (RFC 8981 §3.8, TEMP_VALID_LIFETIME). */
const forgetIp6Ms = 2 * 86_400_000
/** New addresses of each kind that one device may bring at once, and strangers at one IPv4 address; later one in ten minutes. */
const atOnce = { most: 8, perSecond: 1 / 600 } as const

/** Addresses that strangers came to lately; the longest quiet are forgotten. */
const mostPlaces = 4_096

interface Turnover {
  readonly ips6: Allowance
  readonly macs: Allowance
  readonly heardAtMono: Map<string, MonotonicMs>
}

export function createAddressTurnover(nowMono: () => MonotonicMs): AddressTurnover {
  const startedAtMono = nowMono()
  const turnovers = new WeakMap<object, Turnover>()
  const strangersByIp = new Map<string, Allowance>()
  let ignored = 0

  function of(device: object): Turnover {
    const known = turnovers.get(device)
    if (known !== undefined) return known
    const made = {
      ips6: createAllowance(atOnce, nowMono),
      macs: createAllowance(atOnce, nowMono),
      heardAtMono: new Map<string, MonotonicMs>(),
    }
    turnovers.set(device, made)
    return made
  }

  function may(allowance: Allowance): boolean {
    if (allowance.waitMs(1) > 0) {
      ignored++
      return false
    }
    allowance.take(1)
    return true
  }

  return {
    heard6(device, ips6, ip) {
      const { ips6: allowance, heardAtMono } = of(device)
      const isKnown = ips6.includes(ip)
      if (!isKnown && !may(allowance)) return undefined
      heardAtMono.set(ip, nowMono())
      if (isKnown) return undefined
      // Who was not heard for longest makes room.
      const quiet = (one: string) => heardAtMono.get(one) ?? startedAtMono
      const rest = ips6.length < mostIps6 ? ips6 : ips6.toSorted((a, b) => quiet(b) - quiet(a))
      const kept = [ip, ...rest.slice(0, mostIps6 - 1)]
      for (const one of heardAtMono.keys()) if (!kept.includes(one)) heardAtMono.delete(one)
      return kept
    },
    aged6(device, ips6) {
      const heardAtMono = turnovers.get(device)?.heardAtMono
      // Nobody was heard in this run: nothing is newer than the others.
      if (heardAtMono === undefined || heardAtMono.size === 0) return ips6
      const now = nowMono()
      const kept = ips6.filter((ip) => now - (heardAtMono.get(ip) ?? startedAtMono) < forgetIp6Ms)
      return kept.length === 0 ? ips6.slice(0, 1) : kept
    },
    mayBear(ip) {
      const allowance = strangersByIp.get(ip) ?? createAllowance(atOnce, nowMono)
      strangersByIp.delete(ip)
      strangersByIp.set(ip, allowance)
      const [oldest] = strangersByIp.keys()
      if (strangersByIp.size > mostPlaces && oldest !== undefined) strangersByIp.delete(oldest)
      return may(allowance)
    },
    mayTakeMac: (device) => may(of(device).macs),
    ignored: () => ignored,
  }
}
