import type { Stop } from '../ports/index.ts'
import type { UplinkSettings } from '../settings/settings.ts'
import type { WatchContext } from './context.ts'
import type { Links } from './links.ts'

/** The provider's first router behind each uplink's gateway: configured, or learned while the internet works. */
export interface FirstHops {
  start(): Stop
  of(uplinkId: string): string | undefined
  /** The internet works: a good moment to look. */
  learnSoon(): void
  onLearned(listener: () => void): void
}

const learnDelayMs = 5_000
const relearnMs = 30 * 60_000
const factKey = 'firstHops'
/** The gateway is hop 1; what answers at 2 is the provider. */
const hops = 2

export function createFirstHops(
  context: WatchContext,
  links: Links,
  settings: readonly UplinkSettings[],
  firstUplinkHop: string | undefined,
): FirstHops {
  const { scheduler, echo, log } = context
  const learned = new Map<string, string>(parseMap(context.recall(factKey)))
  const listeners: (() => void)[] = []
  let pending: Stop | undefined

  const configured = (uplinkId: string) =>
    settings.find(({ id }) => id === uplinkId)?.firstHop ??
    (settings[0]?.id === uplinkId ? firstUplinkHop : undefined)

  async function learn(): Promise<void> {
    const target = context.plan().internetTargets[0]
    if (target === undefined || !echo.isAvailable()) return
    for (const { id, localAddress, gateway, hasCarrier } of links.uplinks()) {
      if (configured(id) !== undefined || !hasCarrier || !context.budget.take('outside', 2)) continue
      const own = localAddress === undefined ? {} : { localAddress }
      const hop = await echo.hop(target, { hops, timeoutMs: 1_000, ...own })
      if (hop === undefined || hop === target || hop === gateway || hop === learned.get(id)) continue
      // Only a hop that answers for itself can be watched.
      const [answer] = await echo.ask([hop], { count: 1, timeoutMs: 1_000, ...own })
      if (answer?.rttMs == null) continue
      learned.set(id, hop)
      context.remember(factKey, JSON.stringify([...learned]))
      log.info({ uplinkId: id, firstHop: hop }, 'the first hop of the provider is known')
      for (const listener of listeners) listener()
    }
  }

  const learnQuietly = () => {
    learn().catch((err: unknown) => log.debug({ err }, 'the first hop could not be learned'))
  }

  function learnSoon(): void {
    pending ??= scheduler.after(learnDelayMs, () => {
      pending = undefined
      learnQuietly()
    })
  }

  return {
    start() {
      const stopEvery = scheduler.every(relearnMs, learnQuietly)
      learnSoon()
      return () => {
        pending?.()
        stopEvery()
      }
    },
    of: (uplinkId) => configured(uplinkId) ?? learned.get(uplinkId),
    learnSoon,
    onLearned: (listener) => void listeners.push(listener),
  }
}

function parseMap(text: string | undefined): [string, string][] {
  if (text === undefined) return []
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value)
      ? value.filter(
          (item): item is [string, string] =>
            Array.isArray(item) && item.every((part) => typeof part === 'string'),
        )
      : []
  } catch {
    return []
  }
}
