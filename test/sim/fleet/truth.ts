import type { FaultClass } from '@proactive/shared'
import type { Fault } from '../../lab/faults.ts'

/** What an honest observer would say of one fault: which incidents may open for it, and whether one must. */
export interface Truth {
  /** The classes that are right in the end; empty = nothing may open. The first one is the cause as the table tells it. */
  readonly right: readonly FaultClass[]
  /** Whether nobody opening anything would be a miss. */
  readonly mustOpen: boolean
}

/** How long a fault must last before silence about it is a miss: its hold, its probes, and for a dark Location keepalive and patience. */
const longEnoughMs = 150_000

/** Faults that a shop feels only while it trades. */
const onlyWhileTrading: ReadonlySet<FaultClass> = new Set([
  'pos-down',
  'switch-down',
  'dhcp-failing',
  'ip-conflict',
  'device-down',
])
/** Closed, everything else waits five minutes. */
const longEnoughAtNightMs = 480_000

export function truthOf(
  fault: Fault,
  circumstances: {
    readonly durationMs: number
    readonly isTrading: boolean
    /** Without raw ARP nobody sees two owners of one address. */
    readonly hasRawArp: boolean
  },
): Truth {
  const right = classesOf(fault)
  const [cause] = right
  if (cause === undefined || mayStaySilent.has(fault.name)) return { right, mustOpen: false }
  const { durationMs, isTrading, hasRawArp } = circumstances
  if (cause === 'ip-conflict' && !hasRawArp) return { right, mustOpen: false }
  const isFelt = isTrading
    ? durationMs >= longEnoughMs
    : !onlyWhileTrading.has(cause) && durationMs >= longEnoughAtNightMs
  return { right, mustOpen: isFelt }
}

/** Short, mild, or beyond what the agent is promised to see: an Issue is fine, none is fine too. */
const mayStaySilent: ReadonlySet<Fault['name']> = new Set(['router-reboot', 'dhcp-down'])

function classesOf({ name, argument }: Fault): readonly FaultClass[] {
  switch (name) {
    case 'router-down':
    case 'router-reboot':
      return ['router-down']
    case 'wan-down':
      return argument === 'link' ? ['wan-link-down'] : ['provider-down']
    case 'dns-down':
      return ['dns-failing']
    case 'dhcp-down':
      return ['dhcp-failing']
    case 'switch-down':
      return ['switch-down']
    case 'pos-down':
      // The sleeper's absence says nothing.
      return argument === 'pos-3' ? [] : ['pos-down']
    case 'processor-down':
      return ['payment-path-failing']
    case 'power-cut':
      return ['power-cut']
    case 'appliance-cable':
      return ['appliance-cable']
    case 'ip-conflict':
      return argument.startsWith('pos-') ? ['ip-conflict'] : []
    case 'wan-loss':
    case 'pos-sleep':
    case 'pos-restart':
    case 'new-device':
    case 'roam':
      return []
  }
}
