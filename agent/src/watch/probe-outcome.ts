import type { EpochMs, Evidence } from '@proactive/shared'
import type { RoundOutcome } from '../core/presence.ts'
import type { EchoOutcome } from '../ports/index.ts'
import type { LinkAsker, OnLink } from './ask-link.ts'
import { evidenceOf } from './context.ts'

/** How a device was asked just now, by every means. */
export interface Probed {
  /** Its addresses, the one at which it is known first. */
  readonly ips: readonly string[]
  /** Empty = no echo request could be sent. */
  readonly echoes: readonly EchoOutcome[]
  readonly link: ReadonlyMap<string, OnLink>
  readonly asker: LinkAsker
  /** It answers echo requests as a rule. */
  readonly answersEchoes: boolean
}

/**
 * What came of a probe on request. Linux believes in a neighbor for up to 45 s after it was heard last: where its table is all there is beside the
 * echoes, it is no answer of a device that answers echoes as a rule and left these unanswered.
 */
export function readProbe(
  { ips, echoes, link, asker, answersEchoes }: Probed,
  atMs: EpochMs,
): { readonly outcome: RoundOutcome; readonly evidence: readonly Evidence[] } {
  const [ip = ''] = ips
  const echoed = echoes.find(({ rttMs }) => rttMs !== null)
  const wasEchoed = echoes.length > 0
  const isBelievedOnly = answersEchoes && wasEchoed && echoed === undefined && !asker.isRaw()
  const answering = isBelievedOnly ? undefined : ips.find((one) => link.get(one) === 'answered')
  const arp = link.get(ip) === 'silent' ? 'silent' : 'unsure'
  const icmp =
    echoed === undefined
      ? evidenceOf('icmp', ip, 'timeout', atMs)
      : evidenceOf('icmp', echoed.ip, 'reply', atMs, `${echoed.rttMs} ms`)
  const onLink = answering === undefined ? 'timeout' : 'reply'
  return {
    outcome: echoed === undefined && answering === undefined ? { kind: 'missed', arp } : { kind: 'answered' },
    evidence: [
      ...(wasEchoed ? [icmp] : []),
      ...(isBelievedOnly ? [] : [evidenceOf('arp', answering ?? ip, onLink, atMs, asker.method())]),
    ],
  }
}
