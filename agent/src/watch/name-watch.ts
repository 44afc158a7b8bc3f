import type { Device } from '@proactive/shared'
import { toShortText } from '@proactive/shared'
import type { Stop } from '../ports/index.ts'
import type { WatchContext } from './context.ts'

/** Longest wait for a name; a router without PTR records answers "no such name" at once. */
const timeoutMs = 1_000
/** Names under way at the same time: a first inventory of 200 devices must not flood a small router. */
const maxConcurrent = 4
const maxWaiting = 1_100
/** A first inventory has more names to ask for than the budget holds at once: the rest waits. */
const budgetRetryMs = 2_000

export interface NameWatch {
  /** Asks for the device's name once; later words of the device itself (DHCP, SNMP) outrank it. */
  ask(device: Device): void
  stop(): void
}

/**
 * Asks the Location's own resolver for the name behind a new device's address (PTR, RFC 1035 §3.3.12): small routers answer with the name that
 * the device gave them by DHCP, also for leases that are older than this start.
 */
export function createNameWatch(
  context: WatchContext,
  deps: { readonly resolver: () => string | undefined; readonly onNamed: () => void },
): NameWatch {
  const waiting: Device[] = []
  let underWay = 0
  let isStopped = false
  let stopRetry: Stop | undefined

  function pump(): void {
    while (!isStopped && stopRetry === undefined && underWay < maxConcurrent) {
      const [next] = waiting
      if (next === undefined) return
      if (!context.budget.take('other', 1)) {
        stopRetry = context.scheduler.after(budgetRetryMs, () => {
          stopRetry = undefined
          pump()
        })
        return
      }
      const device = waiting.shift() ?? next
      underWay += 1
      void askOne(device).finally(() => {
        underWay -= 1
        pump()
      })
    }
  }

  async function askOne({ ips, macs }: Device): Promise<void> {
    const server = deps.resolver()
    const [ip] = ips
    const [mac] = macs
    if (server === undefined || ip === undefined || mac === undefined) return
    const [fullName] = await context.resolver.reverse(ip, { server, timeoutMs })
    const name = toShortText(fullName?.split('.')[0] ?? '', 63)
    if (isStopped || name === '') return
    if (context.inventory.learn(mac, { source: 'dns', key: 'ptr', value: name })) deps.onNamed()
  }

  return {
    ask(device) {
      if (isStopped || device.name !== undefined || waiting.length >= maxWaiting) return
      waiting.push(device)
      pump()
    },
    stop() {
      isStopped = true
      stopRetry?.()
      waiting.length = 0
    },
  }
}
