import type { MonotonicMs } from '@proactive/shared'
import type { DhcpHeard } from '../ports/index.ts'
import { evidenceOf, type WallClock, type WatchContext } from './context.ts'

/**
 * Judges the DHCP server by its clients alone, since the agent sends nothing there (ADR 077): a client that keeps asking and never gets to
 * the second step has no server; one that requests what a server offered has one (RFC 2131 §3.1). So has the appliance itself when its lease is renewed.
 */
export interface DhcpWatch {
  heard(heard: DhcpHeard): void
  /** The appliance's own address was lent anew or again. */
  lent(): void
}

interface Asking {
  readonly sinceMono: MonotonicMs
  discovers: number
}

const discoversToFail = 3
const askingForMs = 6_000
const forgetMs = 60_000
const maxClients = 128

export function createDhcpWatch(
  context: WatchContext,
  wall: WallClock,
  gateway: () => string | undefined,
): DhcpWatch {
  const { scheduler, log } = context
  const askingByMac = new Map<string, Asking>()
  let isAnswering: boolean | null = null
  let server: string | undefined

  function tell(nowAnswering: boolean, client: string, sinceMono: MonotonicMs): void {
    if (isAnswering === nowAnswering || (isAnswering === null && nowAnswering)) {
      isAnswering = nowAnswering
      return
    }
    isAnswering = nowAnswering
    const name = server ?? gateway() ?? 'dhcp'
    log.info({ server: name, isAnswering }, 'the DHCP server changed')
    context.observe({
      type: 'dhcp-changed',
      server: name,
      isAnswering: nowAnswering,
      sinceMs: wall(sinceMono),
      evidence: [evidenceOf('dhcp', name, nowAnswering ? 'reply' : 'timeout', wall(), client)],
    })
  }

  return {
    lent: () => tell(true, 'the appliance itself', scheduler.monotonicMs()),
    heard({ mac, messageType, serverId }) {
      const nowMono = scheduler.monotonicMs()
      for (const [other, { sinceMono }] of askingByMac)
        if (nowMono - sinceMono > forgetMs) askingByMac.delete(other)
      if (messageType === 'request') {
        askingByMac.delete(mac)
        if (serverId === undefined) return
        server = serverId
        tell(true, `client ${mac}`, nowMono)
        return
      }
      if (messageType !== 'discover') return
      const asking = askingByMac.get(mac) ?? { sinceMono: nowMono, discovers: 0 }
      if (askingByMac.size < maxClients) askingByMac.set(mac, asking)
      asking.discovers++
      if (asking.discovers >= discoversToFail && nowMono - asking.sinceMono >= askingForMs)
        tell(false, `client ${mac}`, asking.sinceMono)
    },
  }
}
