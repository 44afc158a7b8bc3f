import type { ClockState, Device, EpochMs } from '@proactive/shared'
import type { BudgetFigures } from './core/budget.ts'
import type { Granted } from './core/grant.ts'
import type { Inventory } from './core/inventory.ts'
import type { DeviceEvent } from './core/recent-history.ts'
import type { UplinkStanding } from './core/failover.ts'
import type { RecorderFigures } from './delivery/recorder.ts'
import type { SessionState } from './delivery/session.ts'
import type {
  AnnouncementListener,
  ArpListener,
  Arp,
  ClockTrust,
  CloudLink,
  Connector,
  DhcpListener,
  DocumentReader,
  Echo,
  HealthReader,
  Lan,
  Log,
  PingNow,
  Random,
  Resolver,
  RunJournal,
  Scheduler,
  Snmp,
  SnmpAccess,
  SnmpV3User,
  SpeedMeter,
  Spool,
  SpoolFigures,
} from './ports/index.ts'
import type { Ailments } from './watch/ailments.ts'
import type { AnnouncementFigures } from './watch/announcement-watch.ts'
import type { Settings } from './settings/settings.ts'

/** Everything the agent needs of the world, as ports. The real machine fills them in `main.ts`, the simulated LAN in its tests. */
export interface AgentDeps {
  readonly settings: Settings
  readonly snmpCommunity: string | undefined
  /** SNMP v3 instead of a community, where a person on site set it up. */
  readonly snmpV3?: SnmpV3User
  /** Opens the SNMP access that the cloud sealed to this appliance's key; undefined result = it was sealed to another. */
  readonly openSealed?: (sealed: string) => SnmpAccess | undefined
  readonly scheduler: Scheduler
  readonly clockTrust: ClockTrust
  readonly random: Random
  readonly log: Log
  readonly lan: Lan
  readonly echo: Echo
  readonly arp: Arp
  readonly resolver: Resolver
  readonly connector: Connector
  readonly snmp: Snmp
  readonly dhcp: DhcpListener
  /** Absent where announcements cannot be heard (mDNS, SSDP). */
  readonly announcements?: AnnouncementListener
  /** Absent where ARP broadcasts cannot be heard. */
  readonly arpEars?: ArpListener
  readonly readDocument?: DocumentReader
  readonly pingNow: PingNow
  readonly speedMeter?: SpeedMeter
  readonly health: HealthReader
  readonly spool: Spool
  readonly journal: RunJournal
  readonly cloudLink: CloudLink
  /** When the certificate ends that opens the cloud; undefined where there is none. */
  readonly certificateEndMs?: () => EpochMs | undefined
  /** What the appliance is, for people, e.g. `Raspberry Pi 4 Model B`. */
  readonly hardware?: string
}

/** How the agent stands, for `status`, metrics and tests. */
export interface AgentStatus {
  readonly version: string
  readonly bootEpoch: number
  readonly clock: ClockState
  readonly upSeconds: number
  readonly connection: SessionState
  /** Why the cloud takes this appliance no more, and what to do; null while its certificate is good. */
  readonly claimAnew: string | null
  readonly session: {
    readonly connects: number
    readonly failures: number
    readonly rejectedMessages: number
    readonly trimmedEvidence: number
  }
  readonly inFlight: number
  /** Records that no message could be made of, deleted since the start. */
  readonly unsendable: number
  readonly spool: SpoolFigures
  readonly recorder: RecorderFigures
  readonly budget: readonly BudgetFigures[]
  readonly plan: Granted['config']
  readonly refused: Granted['refused']
  readonly desiredVersion: number
  readonly devices: readonly Device[]
  readonly uplinks: readonly UplinkStanding[]
  readonly presence: { readonly present: number; readonly known: number }
  /** Devices known, devices of the past that would be known again, sightings that found no room, new addresses above the pace. */
  readonly inventory: ReturnType<Inventory['figures']>
  /** What happened to the devices, oldest first: new addresses, MACs and places, units that stand in for others. */
  readonly history: readonly DeviceEvent[]
  /** From where the cloud sees each way out come. */
  readonly publicAddresses: readonly { readonly uplinkId: string; readonly address: string }[]
  readonly isDhcpHeard: boolean
  readonly announcements: AnnouncementFigures
  readonly isArpHeard: boolean
  /** What ails managed devices by their own words, at the moment. */
  readonly ailments: ReturnType<Ailments['list']>
  /** Counters of the router's way out that cannot be: more would have passed than the link carries. */
  readonly droppedLineReadings: number
  /** Broadcasts of others above the pace that is listened to. */
  readonly ignoredWords: { readonly dhcp: number; readonly arp: number }
  readonly isArpAllowed: boolean
  readonly isEchoAvailable: boolean
}
