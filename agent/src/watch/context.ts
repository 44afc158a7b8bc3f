import type { Change, DeviceOverride, EpochMs, Evidence, MonotonicMs, PayPath } from '@proactive/shared'
import type { Budget } from '../core/budget.ts'
import type { Inventory } from '../core/inventory.ts'
import type { Pulse } from '../core/pulse.ts'
import type { Sample } from '../core/window.ts'
import type { InterfaceList } from './interface-list.ts'
import type { Arp, Connector, Echo, Lan, Log, Resolver, Scheduler, Snmp } from '../ports/index.ts'

/** What is to be watched: settings made on site together with what the cloud wants and was granted. */
export interface WatchPlan {
  readonly networks: readonly string[]
  readonly payPaths: readonly PayPath[]
  readonly internetTargets: readonly string[]
  readonly dnsNames: readonly string[]
  readonly devices: readonly DeviceOverride[]
  readonly telemetrySeconds: number
}

/** What every watch works with. */
export interface WatchContext {
  readonly scheduler: Scheduler
  readonly log: Log
  readonly lan: Lan
  readonly echo: Echo
  readonly arp: Arp
  readonly resolver: Resolver
  readonly connector: Connector
  readonly snmp: Snmp
  readonly inventory: Inventory
  readonly budget: Budget
  /** Whether work that others wait behind goes on. */
  readonly pulse: Pulse
  readonly plan: () => WatchPlan
  /** Why this address of a host that must be outside is not; asked after the name is resolved. */
  whyNotOutside(host: string, ip: string): string | undefined
  sample(sample: Sample): void
  observe(change: Change, atMono?: MonotonicMs): void
  /** A small fact for the next start of the agent. */
  remember(key: string, value: string | null): void
  recall(key: string): string | undefined
  /** Number that stands for a target (`wan`, `dns`, `paypath`) in rows; the same for ever. */
  targetAlias(kind: 'wan' | 'dns' | 'paypath', id: string, name: string): number
  /** Ports of routers and switches, with the numbers that stand for them in rows. */
  readonly interfaces: InterfaceList
  /** The inventory, the targets or the uplinks changed: a birth is due. */
  announce(): void
}

/** The wall time of now, or of a moment on the monotonic clock. */
export type WallClock = (atMono?: MonotonicMs) => EpochMs

/** A fact of evidence; `detail` is cut to what the contract takes. */
export function evidenceOf(
  probe: Evidence['probe'],
  target: string,
  answer: Evidence['answer'],
  atMs: EpochMs,
  detail?: string,
): Evidence {
  return {
    probe,
    target: target.slice(0, 120),
    answer,
    ...(detail === undefined ? {} : { detail: detail.replace(/\p{Cc}/gu, ' ').slice(0, 160) }),
    atMs,
  }
}
