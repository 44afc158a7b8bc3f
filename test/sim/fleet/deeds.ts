import { type Fault, parseFault } from '../../lab/faults.ts'
import type { LocationRun } from '../location-run.ts'
import type { LinkQuality } from '../virtual-paths.ts'

/** Something done to a Location: a fault of the lab's catalogue put on or taken away, or what only the simulation can do. */
export type Deed =
  | { readonly kind: 'inject' | 'heal'; readonly fault: Fault }
  /** The gateway ends all its sessions for a few seconds, as a deployment does. */
  | { readonly kind: 'cloud-restart' }
  /** The internet loses its way to the cloud, or finds it again. */
  | { readonly kind: 'cloud-way'; readonly isThere: boolean }
  /** The agent ends with a goodbye, or is killed; it is back after so long. */
  | { readonly kind: 'agent-update' }
  | { readonly kind: 'agent-crash'; readonly downMs: number }
  /** Links lose this much of their packets, or nothing any more. */
  | { readonly kind: 'loss'; readonly link: 'lanLossRatio' | 'wanLossRatio'; readonly ratio: number }
  /** A device comes back from its DHCP request with another address. */
  | { readonly kind: 'renumber'; readonly device: string }
  /** The appliance's wall clock jumps by so much. */
  | { readonly kind: 'clock-step'; readonly byMs: number }

/** What a deed can reach beside the run itself. */
export interface Site {
  readonly run: LocationRun
  readonly quality: { -readonly [Key in keyof LinkQuality]: LinkQuality[Key] }
  readonly clock: { errorMs: number }
}

export function carryOut({ run, quality, clock }: Site, deed: Deed): void {
  switch (deed.kind) {
    case 'inject':
    case 'heal': {
      const { name, argument } = deed.fault
      // Noise may meet a fault of its own kind: then there is nothing to heal any more, and that is fine.
      void run.location.faults[deed.kind](name, argument === '' ? [] : [argument])
      return
    }
    case 'cloud-restart':
      run.cloud.restart(8_000)
      return
    case 'cloud-way':
      run.location.setCloudReachable(deed.isThere)
      return
    case 'agent-update':
      run.appliance.restartAgent(6_000)
      return
    case 'agent-crash':
      run.appliance.killAgent(deed.downMs)
      return
    case 'loss':
      quality[deed.link] = deed.ratio
      run.location.stir()
      return
    case 'renumber':
      run.location.renumber(deed.device)
      return
    case 'clock-step':
      clock.errorMs += deed.byMs
  }
}

export function faultOf(name: string, ...args: readonly string[]): Fault {
  const parsed = parseFault(name, args)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.fault
}
