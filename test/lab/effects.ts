import type { Fault } from './faults.ts'

/** How the payment processor behaves. */
export type ProcessorMode = 'up' | 'refused' | 'silent' | 'tls'

/**
 * What a set of faults does to a Location. Faults that overlap add up; taking one away leaves what the others do.
 * Cables are named for the node at their customer's end (see `topology.ts`).
 */
export interface Effects {
  readonly poweredOff: ReadonlySet<string>
  readonly unplugged: ReadonlySet<string>
  readonly asleep: ReadonlySet<string>
  /** Devices on their second switch port. */
  readonly moved: ReadonlySet<string>
  readonly isProviderSilent: boolean
  /** 0..1, each way on the WAN link. */
  readonly wanLossRatio: number
  readonly isDnsSilent: boolean
  readonly isDhcpDown: boolean
  readonly processor: ProcessorMode
  /** Devices whose address a second machine claims. */
  readonly conflicts: ReadonlySet<string>
  readonly newcomers: ReadonlySet<string>
}

/** What loses power in a power cut: all of the Location, the appliance too; the provider goes on. */
export const poweredByLocation = [
  'router',
  'switch',
  'pos-1',
  'pos-2',
  'pos-3',
  'printer-1',
  'office-1',
  'appliance',
] as const

/** Adds up what the faults in force do. Pure: the order of the faults does not matter, except for the last processor mode. */
export function effectsOf(faults: readonly Fault[]): Effects {
  const argumentsOf = (name: Fault['name']) =>
    faults.filter((fault) => fault.name === name).map((fault) => fault.argument)
  const has = (name: Fault['name']) => faults.some((fault) => fault.name === name)
  const newcomers = new Set(argumentsOf('new-device'))
  const conflicts = new Set(argumentsOf('ip-conflict'))
  const poweredOff = new Set([
    ...argumentsOf('pos-down'),
    ...argumentsOf('pos-restart'),
    ...argumentsOf('device-down'),
  ])
  if (has('router-down') || has('router-reboot')) poweredOff.add('router')
  if (has('switch-down')) poweredOff.add('switch')
  if (has('power-cut')) {
    for (const name of poweredByLocation) poweredOff.add(name)
    for (const name of newcomers) poweredOff.add(name)
    for (const name of conflicts) poweredOff.add(conflictNode(name))
  }
  const unplugged = new Set<string>()
  if (has('appliance-cable')) unplugged.add('appliance')
  if (argumentsOf('wan-down').includes('link')) unplugged.add('router')
  return {
    poweredOff,
    unplugged,
    asleep: new Set(argumentsOf('pos-sleep')),
    moved: new Set(argumentsOf('roam')),
    isProviderSilent: argumentsOf('wan-down').includes('provider'),
    wanLossRatio: Math.max(0, ...argumentsOf('wan-loss').map((percent) => Number(percent) / 100)),
    isDnsSilent: has('dns-down'),
    isDhcpDown: has('dhcp-down'),
    processor: (argumentsOf('processor-down').at(-1) ?? 'up') as ProcessorMode,
    conflicts,
    newcomers,
  }
}

/** Name of the node that claims a device's address. */
export function conflictNode(device: string): string {
  return `conflict-${device}`
}
