import { isInsideAny } from '../core/networks.ts'
import type { Stop } from '../ports/index.ts'
import { profileOf } from '../rules/profiles.ts'
import type { WatchContext } from './context.ts'

/** Tries the service ports that a person named (`servicePort`): connects, hangs up, writes nothing. */
export interface ServiceWatch {
  start(): Stop
}

/** Some terminals serve one client at a time: seldom enough to be in nobody's way (contract: at most every 5 minutes). */
const periodMs = 300_000
const firstMs = 20_000
const timeoutMs = 3_000
const packets = 4

export function createServiceWatch(
  context: WatchContext,
  isPresent: (deviceId: string) => boolean,
): ServiceWatch {
  const { scheduler, connector, inventory, budget, log, plan } = context
  let isStopped = false
  let isRunning = false

  async function tryAll(): Promise<void> {
    if (isRunning) return
    isRunning = true
    try {
      await tryEach()
    } finally {
      isRunning = false
    }
  }

  async function tryEach(): Promise<void> {
    for (const { deviceId, servicePort } of plan().devices) {
      if (servicePort === undefined || isStopped) continue
      const device = inventory.byId(deviceId)
      const ip = device?.ips[0]
      if (device === undefined || ip === undefined || !isPresent(deviceId)) continue
      if (!isInsideAny(plan().networks, ip) || !budget.take(profileOf(device).class, packets)) continue
      const outcome = await connector.connect(ip, servicePort, { timeoutMs })
      context.sample(['t', device.alias, outcome.kind === 'connected' ? 1 : 0])
    }
  }

  const tryQuietly = () => {
    tryAll().catch((err: unknown) => log.warn({ err }, 'service ports could not be tried'))
  }

  return {
    start() {
      const stopFirst = scheduler.after(firstMs, tryQuietly)
      const stopEvery = scheduler.every(periodMs, tryQuietly)
      return () => {
        isStopped = true
        stopFirst()
        stopEvery()
      }
    },
  }
}
