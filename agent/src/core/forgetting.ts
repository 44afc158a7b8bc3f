import type { DeviceRole } from '@proactive/shared'
import { isLocallyAdministered } from '../rules/vendors.ts'
import type { Entry } from './inventory-entry.ts'

/** How long a device may be missed, counted while the agent runs, before it is forgotten. */
export interface Forgetting {
  /** Guests' phones: made-up MACs, mobile or unknown kind. */
  readonly passersByMs: number
  /** Everything else. */
  readonly residentsMs: number
}

/** A guest comes back within days or never; a seasonal till stays known for a quarter. */
export const forgettingRules: Forgetting = { passersByMs: 3 * 86_400_000, residentsMs: 90 * 86_400_000 }

const passingRoles: ReadonlySet<DeviceRole> = new Set(['mobile', 'unknown'])

function isPasserBy({ macs }: Pick<Entry, 'macs'>, role: DeviceRole): boolean {
  return passingRoles.has(role) || (role !== 'pos-terminal' && macs.every(isLocallyAdministered))
}

export function isDue(entry: Entry, role: DeviceRole, missedMs: number, rules: Forgetting): boolean {
  return missedMs >= (isPasserBy(entry, role) ? rules.passersByMs : rules.residentsMs)
}

/**
 * Who goes where there is no room: passers-by first, then what nobody named, longest missed first. Never the router: phones that change their MAC
 * come and go, the router was there first.
 */
export function pickVictim(
  entries: Iterable<Entry>,
  about: {
    readonly isGateway: (entry: Entry) => boolean
    readonly isTold: (entry: Entry) => boolean
    readonly roleOf: (entry: Entry) => DeviceRole
    readonly missedMs: (entry: Entry) => number
  },
): Entry | undefined {
  let victim: Entry | undefined
  let worst: readonly [number, number] = [-1, -1]
  for (const entry of entries) {
    if (about.isGateway(entry)) continue
    const rank = about.isTold(entry) ? 0 : isPasserBy(entry, about.roleOf(entry)) ? 2 : 1
    const missed = about.missedMs(entry)
    if (rank < worst[0] || (rank === worst[0] && missed <= worst[1])) continue
    victim = entry
    worst = [rank, missed]
  }
  return victim
}
