import type {
  Birth,
  Device,
  EpochMs,
  EvidenceOrigin,
  FaultClass,
  Observation,
  Payability,
  Severity,
  Telemetry,
  WatchedTarget,
} from '@proactive/shared'
import type { FleetParent, FleetSignal } from './fleet/model.ts'
import type { MaintenanceFacts, SilenceFacts } from './planned-work.ts'
import type { Calendar, DeviceOverrideFacts, HealthState } from './vocabulary.ts'

/** What the core needs of the directory about one Location; appended to the log whenever it changes, so a replay sees what was true then. */
export interface LocationConfig {
  readonly locationId: string
  readonly name: string
  readonly timeZone: string
  readonly calendar: Calendar
  /** Device id → what a technician confirmed about it. */
  readonly devices: Readonly<Record<string, DeviceOverrideFacts>>
  /** Whether the appliance has a second way out. */
  readonly hasBackupUplink: boolean
  /** Town of its address, where one can be read from it: what Locations without a common provider may share. */
  readonly region?: string
  /** Planned work that is not over for good: its faults are recorded and open no Issue. */
  readonly maintenance?: readonly MaintenanceFacts[]
  /** Silences that are not over. */
  readonly silences?: readonly SilenceFacts[]
}

/** Evidence the ingest makes itself and appends to the log, so that the core needs no clock and no sockets. */
export type IngestEvent =
  | { readonly type: 'session-opened'; readonly applianceId: string; readonly remoteAddress: string }
  /** `goodbye` = clean disconnect, `will` = the gateway saw the connection break, `gateway-lost` = a gateway ended, sessions are unknown. */
  | {
      readonly type: 'session-closed'
      readonly applianceId: string
      readonly how: 'goodbye' | 'will' | 'gateway-lost'
    }
  /** The core asked for a probe; this is how it ended, at once when the appliance is not connected. */
  | {
      readonly type: 'probe-answered'
      readonly probeId: string
      readonly deviceId: string
      readonly answer: 'reply' | 'silent' | 'unavailable'
    }
  | { readonly type: 'location-configured'; readonly config: LocationConfig }
  | { readonly type: 'location-removed' }
  /** The core's own alarm clock: appended when the state's `wakeAtMs` is reached. */
  | { readonly type: 'woke' }
  /** The reducer over all Locations found the one fault behind many, or lets this Location go from it. */
  | { readonly type: 'fleet-judged'; readonly parent: FleetParent | null }

/** One fact for the core, already decoded. */
export type FaultEvent =
  | { readonly from: 'ingest'; readonly event: IngestEvent }
  | {
      readonly from: 'appliance'
      readonly applianceId: string
      readonly kind: 'birth'
      readonly message: Birth
    }
  | {
      readonly from: 'appliance'
      readonly applianceId: string
      readonly kind: 'telemetry'
      readonly message: Telemetry
    }
  | {
      readonly from: 'appliance'
      readonly applianceId: string
      readonly kind: 'observation'
      readonly message: Observation
    }

/** Where and when the log took the event. `nowMs` is the log's stamp: the only time the core knows. */
export interface EventPlace {
  readonly nowMs: EpochMs
  readonly origin: EvidenceOrigin
}

/** An incident as the core tells it; everything the Issue needs, in words and in data. */
export interface IncidentReport {
  readonly key: string
  readonly locationId: string
  readonly faultClass: FaultClass
  readonly severity: Severity
  readonly state: 'open' | 'recovering' | 'closed'
  readonly rootDeviceId?: string
  /** Role of the root for the routing table; internet, processor and power are no devices. */
  readonly rootRole: string
  readonly headline: string
  readonly symptoms: string
  readonly diagnosis: string
  readonly affectedDeviceIds: readonly string[]
  readonly startedAtMs: EpochMs
  readonly openedAtMs: EpochMs
  readonly clearedAtMs?: EpochMs
  readonly closedAtMs?: EpochMs
  /** Recorded and shown, and no Issue opens for it: planned work, a silence, a class that is told without one, a fault of many Locations that has one, or a rule on probation. Gone once it may. */
  readonly issueHeldBy?: 'maintenance' | 'silence' | 'notice' | 'fleet' | 'shadow'
  readonly reasons: readonly { readonly atMs: EpochMs; readonly text: string }[]
  /** Of a closed one: `well` = it stayed well, `folded` = it goes on in another incident, `set-aside` = nobody watches it any more. */
  readonly endedBy?: 'well' | 'folded' | 'set-aside'
  /** Key of the incident of many Locations that accounts for it. */
  readonly parentKey?: string
  /** Of an incident of many Locations: which ones. */
  readonly locationIds?: readonly string[]
}

/** How a Location stands, for people; put out when it changes. */
export interface LocationView {
  readonly locationId: string
  readonly sentence: string
  readonly health: HealthState
  readonly sinceMs: EpochMs | null
  readonly payability: Payability
  readonly isOnline: boolean
  readonly lastSeenMs: EpochMs | null
  readonly applianceId: string | null
  readonly agentVersion: string | null
  /** What the appliance says it is. */
  readonly hardware?: string
  readonly clock: 'synced' | 'unsynced' | null
  readonly uplinks: Birth['uplinks']
  readonly targets: readonly WatchedTarget[]
  readonly devices: readonly DeviceView[]
  /** True in the view that follows a birth: only there the devices carry what they were recognised by; else keep what is known of it. */
  readonly hasEvidence?: boolean
  /** True while the appliance is connected and no hold runs: every device expected now was seen since the last start or reconnect. */
  readonly isInventoried: boolean
}

export interface DeviceView {
  readonly device: Device
  readonly health: HealthState
  readonly sinceMs: EpochMs | null
  readonly explainedBy?: string
  /** Worth a look and no fault: on at a time when it never was. */
  readonly notice?: string
  /** Whether this checkout can take cards; absent for what is none. */
  readonly payability?: Payability
}

/** What is usual on the paths of a Location at this hour, for people; told about once an hour. */
export interface LocationUsual {
  readonly locationId: string
  readonly atMs: EpochMs
  readonly paths: readonly {
    readonly kind: 'line' | 'dns' | 'paypath'
    /** Uplink of the line, else the target's id. */
    readonly subject: string
    /** Of the line a round trip; of a resolver a lookup; of a processor name, connection and TLS together. */
    readonly lowMs: number
    readonly highMs: number
  }[]
}

/** What the edge carries out for the core. */
export type Effect =
  /** Open, update, resolve: the Issue follows the incident. `change` tells what moved. */
  | {
      readonly type: 'incident'
      readonly change: 'opened' | 'updated' | 'moved' | 'recovered' | 'closed'
      readonly report: IncidentReport
    }
  /** Probe this device now (≤ 2 s); answered by a `probe-answered` event with the same id. */
  | {
      readonly type: 'probe'
      readonly probeId: string
      readonly applianceId: string
      readonly deviceId: string
    }
  | { readonly type: 'view'; readonly view: LocationView }
  | { readonly type: 'usual'; readonly usual: LocationUsual }
  /** For the reducer over all Locations: what this one shares with others, and what stands there. */
  | { readonly type: 'fleet-signal'; readonly signal: FleetSignal }

/**
 * The fault core of one Location: a reducer without clock, I/O or randomness.
 * The same events in the same places give the same states, effects and keys.
 */
export interface FaultCore<State> {
  empty(locationId: string): State
  reduce(
    state: State,
    event: FaultEvent,
    place: EventPlace,
  ): { readonly state: State; readonly effects: readonly Effect[] }
  /** When the core wants a `woke` event at the latest; null = nothing is pending. */
  wakeAtMs(state: State): EpochMs | null
  serialize(state: State): Uint8Array
  /** @throws ContractError where the bytes are no state of this version. */
  deserialize(bytes: Uint8Array): State
}
