import type { EpochMs, FaultClass } from '@proactive/shared'
import type { EventPlace, IncidentReport } from '../model.ts'

/** What may stand at a Location for a reason it shares with others. */
export type TroubleKind = 'dark' | 'wan' | 'processor'

export interface Trouble {
  readonly kind: TroubleKind
  /** The processor's name; empty for the others. */
  readonly subject: string
  /** Since when, in the log's time. */
  readonly sinceMs: EpochMs
  /** It has lasted as long as the Location's own rules want: an incident is open for it. Before, it is a mere suspicion. */
  readonly isDue: boolean
}

/** What a Location tells the reducer over all Locations, whenever it changes: what it shares with others, and what stands there now. */
export interface FleetSignal {
  readonly locationId: string
  readonly name: string
  readonly timeZone: string
  readonly region: string | null
  /** Public address of its first way out, as the cloud saw it last; null = never seen. */
  readonly address: string | null
  /** The provider's first router behind the Location's own; null = not known. */
  readonly firstHop: string | null
  /** Names of the processors it pays through. */
  readonly processors: readonly string[]
  readonly trouble: Trouble | null
  /** It has another way out: a provider's outage leaves it connected, a power cut does not. Absent in older records. */
  readonly hasSecondWayOut?: boolean
  /** What its last darkness turned out to be, once that was known; absent before, and where it was not dark. */
  readonly hindsight?: FaultClass
  /** The Location left the directory. */
  readonly isGone?: true
}

/** Whose network an address belongs to, by the operator's own table. */
export interface FleetProvider {
  /** `as64500`. */
  readonly id: string
  readonly name: string
}

/** Whose a Location is, by the directory. */
export interface FleetStake {
  /** Organization that answers for what it shares: one fault of many Locations has one Issue per such Organization. null = nobody's. */
  readonly ownerId: string | null
  /** Organizations with a stake in it: who else may read its name. */
  readonly organizationIds: readonly string[]
}

/** The one fault that accounts for what stands at many Locations, as each of them is told of it; null = none any more. */
export interface FleetParent {
  readonly key: string
  readonly faultClass: FaultClass
  readonly headline: string
  /** It has its Issue. false = still a suspicion: it holds new Issues back and closes none. Absent in older words: it has one. */
  readonly isOpen?: boolean
}

/** Facts for the fleet's reducer; made by the ingest from what the Locations' reducers put out. */
export type FleetEvent =
  | {
      readonly type: 'location-signalled'
      readonly signal: FleetSignal
      readonly provider: FleetProvider | null
      /** Absent in older records. */
      readonly stake?: FleetStake
    }
  | { readonly type: 'woke' }

export type FleetEffect =
  | {
      readonly type: 'incident'
      readonly change: 'opened' | 'updated' | 'moved' | 'recovered' | 'closed'
      readonly report: IncidentReport
    }
  /** To be told to the Location's own reducer. */
  | { readonly type: 'fleet-judged'; readonly locationId: string; readonly parent: FleetParent | null }

/** One Location as the fleet knows it. */
export interface Member {
  readonly locationId: string
  name: string
  timeZone: string
  /** What it shares, most particular first; see `groups.ts`. */
  groups: readonly string[]
  trouble: Trouble | null
  /** When its trouble was told. */
  toldAtMs: EpochMs
  /** Offset of the record that told of it. */
  offset: number
  /** Key of the parent incident that accounts for it. */
  parentKey: string | null
  stake?: FleetStake
  /** Its trouble as far as it says what is behind it; kept when the trouble is over. Absent in older states, and before the first one. */
  episode?: Episode
}

/** What a Location's trouble, standing or over, says of its reason. */
export interface Episode {
  readonly kind: TroubleKind
  readonly subject: string
  readonly hasSecondWayOut: boolean
  readonly hindsight: FaultClass | null
  /** When hindsight came. */
  readonly knownAtMs: EpochMs
}

/** One fault of many Locations, from the first suspicion to its end. */
export interface Parent {
  readonly key: string
  /** What its Locations share; widened while more turn up. */
  group: string
  faultClass: FaultClass
  /** Location whose routing table and desk the one Issue follows. */
  readonly leadLocationId: string
  /** Whose Locations it accounts for; others of the same group have a parent of their own. Absent = of nobody known. */
  readonly ownerId?: string | null
  readonly startedAtMs: EpochMs
  /** Suspected since; its Issue opens when the suspicion has stood for a moment. */
  readonly formedAtMs: EpochMs
  openedAtMs: EpochMs | null
  state: 'forming' | 'open' | 'recovering'
  lastJoinMs: EpochMs
  /** Until when a mere coincidence of two is waited on for more; absent = beyond chance. */
  waitsUntilMs?: EpochMs
  /** Most Locations it ever accounted for. */
  mostMembers: number
  /** Since when most of its Locations are well again. */
  mostlyWellSinceMs: EpochMs | null
  wellSinceMs: EpochMs | null
  toldMembers: number
  toldAtMs: EpochMs
  /** When it was last asked whether what its Locations share best is still this; absent in older states. */
  reviewedAtMs?: EpochMs
  /** Something was learned of its Locations since. */
  isUnreviewed?: boolean
  /** How much better it accounts for its Locations than the best account of another kind (log-likelihood ratio), as of that review. */
  leadOverOthers?: number
  reasons: { atMs: EpochMs; text: string }[]
}

/** Everything known across Locations. Owned by whoever holds it, as a Location's state is. */
export interface FleetState {
  nowMs: EpochMs
  readonly members: Map<string, Member>
  parents: Parent[]
  /** Troubles that stood alone, and the Location-days they stood in: the base rate of what happens by chance. */
  aloneCount: number
  locationDays: number
  wakeAtMs: EpochMs | null
  /** Group → its Locations; rebuilt from `members`, never serialised. */
  readonly idsByGroup: Map<string, Set<string>>
  /** Locations in trouble; rebuilt, never serialised. */
  readonly troubled: Set<string>
  /** Key of a parent → the Locations it accounts for; rebuilt, never serialised. */
  readonly idsByParent: Map<string, Set<string>>
  /** Locations whose stored form is outdated. Emptied by whoever stores it. */
  readonly dirtyMembers: Set<string>
}

/**
 * The reducer over all Locations: finds the one fault behind many. Pure like the core of one Location: no clock, no I/O, no randomness;
 * it writes into the state it is given and hands it back.
 */
export interface FleetCore {
  empty(): FleetState
  reduce(
    state: FleetState,
    event: FleetEvent,
    place: EventPlace,
  ): { readonly state: FleetState; readonly effects: readonly FleetEffect[] }
  wakeAtMs(state: FleetState): EpochMs | null
}
