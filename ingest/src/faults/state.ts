import type {
  Birth,
  Device,
  DeviceRole,
  EpochMs,
  EvidenceOrigin,
  FaultClass,
  PayPathStage,
  WatchedTarget,
} from '@proactive/shared'
import type { Grade } from './baseline.ts'
import type { FleetParent } from './fleet/model.ts'
import { type HabitFacts, newHabit, newWatch, type WatchFacts } from './habit.ts'
import type { LocationConfig } from './model.ts'
import type { PathFacts } from './quality.ts'
import type { ClockFacts } from './trading.ts'
import type { DeviceOverrideFacts } from './vocabulary.ts'

/** No evidence: what a device was recognised by stays in the inventory, the core does not judge by it. */
export const noEvidence: Device['evidence'] = []

/**
 * What made a condition bad: its place in the log gives the incident its key. `order` counts the core's events and tells which came first.
 * `isSpent` = an incident was opened from it already; a second one takes the place of the event that opens it, so that no key is ever used twice.
 */
export interface Cue {
  origin: EvidenceOrigin
  order: number
  loggedAtMs: EpochMs
  isSpent: boolean
}

/**
 * Good or bad, as far as fresh evidence told. A late point leaves only a `claim`: it takes effect when something fresh agrees with it
 * (for devices a telemetry row or a probe, else the next live batch, because a lane has no holes).
 */
export interface Standing {
  state: 'good' | 'bad' | 'unknown'
  sinceMs: EpochMs
  /** Whether what made it bad was fresh: only then may it open an incident. */
  isFresh: boolean
  claim: 'good' | 'bad' | null
  claimSinceMs: EpochMs
  cue: Cue | null
  /** What was measured, for people. */
  evidence: string
}

export const conditionKinds = [
  'link',
  'gateway',
  'wan',
  'dns',
  'dhcp',
  'paypath',
  'ip-conflict',
  'slow',
] as const
export type ConditionKind = (typeof conditionKinds)[number]

/** Something other than a device that can be good or bad; `subject` = uplink, resolver, server, target or address. */
export interface Condition extends Standing {
  kind: ConditionKind
  subject: string
  deviceId?: string
  firstHop?: boolean | null
  wanLink?: boolean | null
  isDegraded?: boolean
  otherResolverAnswers?: boolean | null
  stage?: PayPathStage
  /** Of a path that does worse than usual: felt, or hardly usable. */
  grade?: Grade
  /** When it was good again after it had been bad; absent = never. */
  restoredMs?: EpochMs
  macs?: readonly string[]
  /** Bad, and for how long the batches have not asked about it. */
  unaskedMs?: number
}

/** One device and how it stands: `good` = answers, `bad` = silent. Whether silence is a fault is judged, not stored. */
export interface DeviceFacts extends Standing {
  /** As the agent described it, evidence left out. */
  device: Device
  /** When it last gave a sign of life, 0 = never. */
  seenMs: EpochMs
  /** Batches in a row in which it answered nothing. */
  emptyBatches: number
  /** When it is usually there. */
  habit: HabitFacts
  /** As people see it: what a technician confirmed goes before what the agent proposes. This and what follows is made by {@link describeDevices}, never serialised. */
  shown: Device
  role: DeviceRole
  isSleeper: boolean
  isGateway: boolean
  isRetired: boolean
}

export interface ProbeFacts {
  id: string
  deviceId: string
  askedAtMs: EpochMs
  answer: 'reply' | 'silent' | 'unavailable' | null
  answeredAtMs: EpochMs
  /** Silent answers in a row, this one included. */
  silentInRow: number
}

export interface ApplianceFacts {
  id: string
  bootEpoch: number
  agentVersion: string | null
  hardware?: string
  clock: 'synced' | 'unsynced'
  /** Log time minus the appliance's time as of its last birth; used for stamps nobody vouches for. */
  clockOffsetMs: number | null
  /** How late its messages seem at their quickest, as far as its clock is vouched for: the error of that clock. Absent before the first. */
  lagMs?: number
  uplinks: Birth['uplinks']
  targets: WatchedTarget[]
}

export interface SessionFacts {
  isOpen: boolean
  sinceMs: EpochMs
  how: 'never' | 'open' | 'goodbye' | 'will' | 'gateway-lost'
  lastHeardMs: EpochMs
  cue: Cue | null
  /** Darkness is not judged before: the ingest itself was away. */
  notBeforeMs: EpochMs
}

/** While it lasts, new incidents wait: `start` holds all, `reconnect` those whose evidence is a device's absence. */
export interface HoldFacts {
  kind: 'start' | 'reconnect'
  startedMs: EpochMs
  untilMs: EpochMs
}

/** What was told about a time without the cloud; it closes the question why it was dark. Times are log time. */
export interface FlightFacts {
  darkSinceMs: EpochMs
  backSinceMs: EpochMs | null
  hasLostCarrier: boolean
  hasLostGateway: boolean
  hasLostWan: boolean
  firstHop: boolean | null
  wanLink: boolean | null
  agentEnd: 'first-start' | 'clean' | 'killed' | 'reboot' | 'power-loss' | 'unknown' | null
  isExplained: boolean
  /** End of the time that the explaining verdict told of; null without one. What begins later is another story. */
  explainedToMs: EpochMs | null
}

export interface ReasonFacts {
  atMs: EpochMs
  text: string
}

export interface IncidentFacts {
  key: string
  faultClass: FaultClass
  rootId: string
  rootDeviceId?: string
  rootRole: string
  state: 'open' | 'recovering'
  severity: 'low' | 'medium' | 'high' | 'critical'
  affected: string[]
  startedAtMs: EpochMs
  openedAtMs: EpochMs
  clearedAtMs: EpochMs | null
  /** When its condition was first good again, before the debounce; null while it is bad. */
  goodSinceMs: EpochMs | null
  relapses: number
  /** Opened (or relapsed) as "dark": its explanation may still come, and darkness again is a relapse of it. */
  wasDark: boolean
  /** Whether the carrier was lost: then the router's uptime may still move it to the cable. */
  hasLostCarrier: boolean
  /** Recorded without an Issue, and when that ends, the grace after it included; 0 where nothing holds it. */
  heldBy: 'maintenance' | 'silence' | null
  heldUntilMs: EpochMs
  reasons: ReasonFacts[]
  toldAtMs: EpochMs
  hasNews: boolean
  /** No Issue of its own: a fault of many Locations accounts for it. */
  isOfFleet?: boolean
}

/** What ties a Location to others. */
export interface FleetTie {
  /** Public address of its first way out; null = never seen. */
  address: string | null
  /** Address of the newest connection, not yet known to be that of the first way out. */
  newAddress: string | null
  /** What the fleet was told last, as JSON. */
  told: string
  parent: FleetParent | null
  /** What its last darkness turned out to be; absent before that is known. */
  hindsight?: FaultClass
}

/** Everything the core knows of one Location. Owned by whoever holds it: {@link FaultCore.reduce} writes into it and hands it back. */
export interface LocationState {
  readonly locationId: string
  nowMs: EpochMs
  /** Counts events; orders evidence within the Location. */
  order: number
  probeCount: number
  config: LocationConfig | null
  appliance: ApplianceFacts | null
  session: SessionFacts
  hold: HoldFacts | null
  isInventoried: boolean
  devices: DeviceFacts[]
  conditions: Condition[]
  /** What is usual on the paths that are watched. */
  paths: PathFacts[]
  /** The hour from which habits are learned. */
  watch: WatchFacts
  probes: ProbeFacts[]
  incidents: IncidentFacts[]
  flight: FlightFacts | null
  tie: FleetTie
  /** When the router started, by its own uptime, in log time; 0 = unknown. */
  routerBootMs: EpochMs
  /** That uptime was read at this time or later, in log time: an older reading tells nothing of what happened since. */
  routerReadMs: EpochMs
  wakeAtMs: EpochMs | null
  /** Look-ups, rebuilt from `devices`; never serialised. */
  readonly deviceById: Map<string, DeviceFacts>
  readonly deviceByAlias: Map<number, DeviceFacts>
  /** Whose row of a batch is whose; rebuilt from the targets. Never serialised. */
  readonly pathByAlias: Map<number, PathFacts>
  /** Season of the week that goes on, as last looked up. Never serialised. */
  readonly season: { fromMs: EpochMs; untilMs: EpochMs; slot: number }
  /** What clock and calendar say, as last looked up. Never serialised. */
  readonly clock: { minute: number; config: LocationConfig | null; facts: ClockFacts | null }
  /** Everything is good, known and confirmed: a batch in which everybody answered changes nothing. Never serialised. */
  isCalm: boolean
  /** Short name of the Location in the ids of its probes, made with the first one. Never serialised. */
  probeTag: string
  /** Alias of the router, 0 where none is known. Never serialised. */
  routerAlias: number
}

/** A Location of which nothing was ever heard. */
export function emptyState(locationId: string): LocationState {
  return {
    locationId,
    nowMs: 0,
    order: 0,
    probeCount: 0,
    config: null,
    appliance: null,
    session: { isOpen: false, sinceMs: 0, how: 'never', lastHeardMs: 0, cue: null, notBeforeMs: 0 },
    hold: null,
    isInventoried: false,
    devices: [],
    conditions: [],
    paths: [],
    watch: newWatch(),
    probes: [],
    incidents: [],
    flight: null,
    tie: { address: null, newAddress: null, told: '', parent: null },
    routerBootMs: 0,
    routerReadMs: 0,
    wakeAtMs: null,
    deviceById: new Map(),
    deviceByAlias: new Map(),
    pathByAlias: new Map(),
    season: { fromMs: 0, untilMs: 0, slot: 0 },
    clock: { minute: -1, config: null, facts: null },
    isCalm: false,
    probeTag: '',
    routerAlias: 0,
  }
}

/** Rebuilds what follows from the list of devices and the directory's word on them, after either changed. */
export function describeDevices(state: LocationState): void {
  const overrides = state.config?.devices ?? {}
  state.deviceById.clear()
  state.deviceByAlias.clear()
  for (const facts of state.devices) {
    const { device } = facts
    state.deviceById.set(device.id, facts)
    state.deviceByAlias.set(device.alias, facts)
    const override = Object.hasOwn(overrides, device.id) ? overrides[device.id] : undefined
    facts.shown = override === undefined ? device : confirm(device, override)
    facts.role = facts.shown.role
    facts.isSleeper = facts.shown.isSleeper
    facts.isGateway = device.isGateway
    facts.isRetired = override?.isRetired === true
  }
}

function confirm(device: Device, { role, name, isSleeper }: DeviceOverrideFacts): Device {
  return {
    ...device,
    ...(role === undefined ? {} : { role }),
    ...(name === undefined ? {} : { name }),
    ...(isSleeper === undefined ? {} : { isSleeper }),
  }
}

/** A device about which nothing is known yet but its description. */
export function newDeviceFacts(described: Device): DeviceFacts {
  const device = { ...described, evidence: noEvidence }
  const { role, isSleeper, isGateway } = device
  return {
    device,
    ...unknownStanding(),
    seenMs: 0,
    emptyBatches: 0,
    habit: newHabit(),
    shown: device,
    role,
    isSleeper,
    isGateway,
    isRetired: false,
  }
}

/** A standing about which nothing is known yet. */
export function unknownStanding(): Standing {
  return {
    state: 'unknown',
    sinceMs: 0,
    isFresh: false,
    claim: null,
    claimSinceMs: 0,
    cue: null,
    evidence: '',
  }
}
