import { createPace } from '../core/pace.ts'
import type { ArpEars, ArpHeard, ArpListener, Stop } from '../ports/index.ts'
import type { WatchContext } from './context.ts'
import type { Discovery } from './discovery.ts'
import type { Links } from './links.ts'

/** A device with an address by hand says nothing to anybody but the router; its ARP question for the router all of the link can hear. */
export interface ArpWatch {
  start(): Stop
  /** The networks or the interfaces changed: others are listened to. */
  arrange(): void
  isHearing(): boolean
  /** Words above the pace that is listened to. */
  ignored(): number
}

export interface ArpWatchDeps {
  readonly listener: ArpListener | undefined
  readonly links: Links
  readonly discovery: Pick<Discovery, 'look'>
  /** A known device spoke from its own address. */
  readonly onSpoke: (ip: string) => void
}

/** ARP words of one second that are looked at. */
const maxPerSecond = 100
/** Who probes an address takes it after about this long (RFC 5227 §1.1), unless somebody has it. */
const afterProbeMs = [4_000, 8_000] as const

export function createArpWatch(context: WatchContext, deps: ArpWatchDeps): ArpWatch {
  const { scheduler, inventory } = context
  let ears: ArpEars | undefined
  let isStopped = false
  const pace = createPace(maxPerSecond, () => scheduler.monotonicMs())

  /** A word heard is a hint: whether somebody is there the kernel finds out by asking. */
  function heard({ ip, mac, isProbe }: ArpHeard): void {
    if (!pace.take()) return
    if (inventory.byMac(mac)?.ips[0] === ip) {
      if (!isProbe) deps.onSpoke(ip)
      return
    }
    if (!isProbe) {
      deps.discovery.look(ip)
      return
    }
    for (const delayMs of afterProbeMs)
      scheduler.after(delayMs, () => {
        if (!isStopped) deps.discovery.look(ip)
      })
  }

  function arrange(): void {
    if (!isStopped) ears?.join(deps.links.watchedInterfaces())
  }

  return {
    start() {
      ears = deps.listener?.listen(heard)
      arrange()
      return () => {
        isStopped = true
        ears?.stop()
      }
    },
    arrange,
    isHearing: () => ears?.isHearing() === true,
    ignored: pace.ignored,
  }
}
