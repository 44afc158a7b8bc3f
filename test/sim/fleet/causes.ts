import type { FaultClass } from '@proactive/shared'
import type { SeededRandom } from '../random.ts'
import { type Deed, faultOf } from './deeds.ts'
import type { Traits } from './traits.ts'

/** What makes a fault, what ends it, and what is done two minutes after its end. */
export interface FaultDeeds {
  readonly begin: readonly Deed[]
  readonly end: readonly Deed[]
  readonly after?: readonly Deed[]
}

/** One way in which one cause comes about at one Location. */
export interface CauseDraw {
  readonly cause: FaultClass
  /** How often, beside the others. */
  readonly weight: number
  /** A shop feels it only while it trades; outside nothing may be said, and nothing need be. */
  readonly isFeltInTradeOnly?: true
  /** Shortest and longest time it lasts, in minutes; half of them are shorter than the median. */
  readonly minutes: readonly [least: number, median: number, most: number]
  /** What it takes to be seen at all; without it the fault is there and nobody can tell. */
  readonly isSeen?: (traits: Traits) => string | null
  readonly deeds: (random: SeededRandom) => FaultDeeds
}

const lab = (name: string, ...args: readonly string[]) => {
  const fault = faultOf(name, ...args)
  return () => ({ begin: [{ kind: 'inject', fault } as const], end: [{ kind: 'heal', fault } as const] })
}

/** Every cause of one Location, roughly as often as shops tell of it; rare ones often enough to be judged. Those of many Locations are in `outages.ts`. */
export const causeTable: readonly CauseDraw[] = [
  { cause: 'router-down', weight: 16, minutes: [5, 12, 180], deeds: lab('router-down') },
  { cause: 'wan-link-down', weight: 8, minutes: [5, 12, 180], deeds: lab('wan-down', 'link') },
  { cause: 'provider-down', weight: 10, minutes: [5, 12, 240], deeds: lab('wan-down', 'provider') },
  {
    cause: 'wan-degraded',
    weight: 4,
    isFeltInTradeOnly: true,
    minutes: [15, 25, 90],
    deeds: (random) => lab('wan-loss', random.pick(['20', '22']))(),
  },
  { cause: 'dns-failing', weight: 8, minutes: [8, 12, 90], deeds: lab('dns-down') },
  {
    // Nobody notices before a device asks in vain, nor that it is over before one is answered: the one that asked goes on until it is.
    cause: 'dhcp-failing',
    weight: 4,
    isFeltInTradeOnly: true,
    minutes: [8, 14, 60],
    deeds: () => ({
      begin: [
        { kind: 'inject', fault: faultOf('dhcp-down') },
        { kind: 'inject', fault: faultOf('new-device', 'new-9') },
      ],
      end: [{ kind: 'heal', fault: faultOf('dhcp-down') }],
      after: [{ kind: 'heal', fault: faultOf('new-device', 'new-9') }],
    }),
  },
  {
    cause: 'switch-down',
    weight: 8,
    isFeltInTradeOnly: true,
    minutes: [4, 10, 120],
    deeds: lab('switch-down'),
  },
  {
    cause: 'pos-down',
    weight: 20,
    isFeltInTradeOnly: true,
    minutes: [4, 10, 120],
    deeds: (random) => lab('pos-down', random.pick(['pos-1', 'pos-2']))(),
  },
  {
    cause: 'device-down',
    weight: 5,
    isFeltInTradeOnly: true,
    minutes: [6, 15, 120],
    deeds: lab('device-down', 'printer-1'),
  },
  {
    cause: 'payment-path-failing',
    weight: 12,
    minutes: [8, 12, 120],
    deeds: (random) => lab('processor-down', random.pick(['silent', 'refused', 'tls']))(),
  },
  { cause: 'power-cut', weight: 8, minutes: [5, 12, 180], deeds: lab('power-cut') },
  { cause: 'appliance-cable', weight: 4, minutes: [5, 10, 90], deeds: lab('appliance-cable') },
  {
    cause: 'appliance-down',
    weight: 3,
    minutes: [6, 12, 60],
    deeds: (random) => ({
      begin: [{ kind: 'agent-crash', downMs: random.between(6, 20) * 60_000 }],
      end: [],
    }),
  },
  {
    cause: 'cloud-unreachable',
    weight: 3,
    minutes: [6, 12, 90],
    deeds: () => ({
      begin: [{ kind: 'cloud-way', isThere: false }],
      end: [{ kind: 'cloud-way', isThere: true }],
    }),
  },
  {
    cause: 'ip-conflict',
    weight: 4,
    isFeltInTradeOnly: true,
    minutes: [8, 14, 60],
    isSeen: ({ hasRawArp }) =>
      hasRawArp ? null : 'without the right to raw ARP nobody sees two owners of one address',
    deeds: (random) => lab('ip-conflict', random.pick(['pos-1', 'pos-2']))(),
  },
]
