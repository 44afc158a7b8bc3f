import type { EpochMs, Evidence } from '@proactive/shared'
import { evidenceOf } from './context.ts'

/** What is known of the internet behind one way out. */
export interface WanFacts {
  readonly isDown: boolean
  readonly targets: readonly string[]
  readonly firstHopIp: string | undefined
  /** null = not known. */
  readonly firstHop: boolean | null
  readonly gateway: string | undefined
  /** The router's WAN port by SNMP; null = it does not tell. */
  readonly wanLink: boolean | null
}

const mostTargets = 4

/** What a change of the internet rests on: echoes, the provider's first hop, the router's WAN port. */
export function evidenceOfWan(facts: WanFacts, atMs: EpochMs): Evidence[] {
  const { isDown, targets, firstHopIp, firstHop, gateway = '', wanLink } = facts
  const evidence = targets
    .slice(0, mostTargets)
    .map((target) => evidenceOf('icmp', target, isDown ? 'timeout' : 'reply', atMs))
  if (firstHopIp !== undefined && firstHop !== null)
    evidence.push(evidenceOf('icmp', firstHopIp, firstHop ? 'reply' : 'timeout', atMs, 'first hop'))
  if (wanLink !== null)
    evidence.push(evidenceOf('snmp', gateway, wanLink ? 'up' : 'down', atMs, 'WAN interface'))
  return evidence
}
