import type { MonotonicMs } from '@proactive/shared'

/** Addresses that devices left for others lately. */
export interface LeftAddresses {
  /** These MACs answer elsewhere, and not at this address any more. */
  note(ip: string, macs: readonly string[]): void
  /** It was heard at this address again. */
  forget(ip: string, mac: string): void
  /** Whether a table of neighbors may still hold this MAC at this address only because it has not looked since. */
  has(ip: string, mac: string): boolean
}

/** Linux believes in a neighbor for up to 45 s after it was heard (base_reachable_time 30 s, spread over half to one and a half times of it). */
const rememberedMs = 45_000
const most = 1_024

export function createLeftAddresses(nowMono: () => MonotonicMs): LeftAddresses {
  const leftAtMono = new Map<string, MonotonicMs>()
  return {
    note(ip, macs) {
      for (const mac of macs) {
        leftAtMono.delete(`${mac} ${ip}`)
        leftAtMono.set(`${mac} ${ip}`, nowMono())
      }
      for (const [key, atMono] of leftAtMono) {
        if (leftAtMono.size <= most && nowMono() - atMono < rememberedMs) return
        leftAtMono.delete(key)
      }
    },
    forget: (ip, mac) => void leftAtMono.delete(`${mac} ${ip}`),
    has(ip, mac) {
      const atMono = leftAtMono.get(`${mac} ${ip}`)
      return atMono !== undefined && nowMono() - atMono < rememberedMs
    },
  }
}
