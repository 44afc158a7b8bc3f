import type { FaultClass } from '@proactive/shared'
import { createFleetCore } from '../fleet/fleet-core.ts'
import type {
  FleetEffect,
  FleetParent,
  FleetProvider,
  FleetSignal,
  FleetStake,
  FleetState,
  Trouble,
} from '../fleet/model.ts'
import type { IncidentReport } from '../model.ts'

interface Shared {
  readonly address?: string
  readonly firstHop?: string
  readonly region?: string
  readonly processors?: readonly string[]
  readonly provider?: FleetProvider
  readonly stake?: FleetStake
  readonly hasSecondWayOut?: boolean
}

/** How long a Location waits before its own incident is due, as `location-dark` does. */
const dueAfterMs = 32_000

/** Many Locations on a virtual clock: says what each would tell the fleet, rings its alarm clock, keeps what came out. */
export class Fleet {
  readonly core = createFleetCore({ env: 'test' })
  state: FleetState = this.core.empty()
  nowMs = Date.UTC(2026, 2, 10, 13)
  readonly told: Extract<FleetEffect, { type: 'incident' }>[] = []
  /** Every word to a Location, in order. */
  readonly words: Extract<FleetEffect, { type: 'fleet-judged' }>[] = []
  readonly #parentById = new Map<string, FleetParent>()
  #offset = 0
  #pending: { atMs: number; order: number; run: () => void }[] = []
  #shared: ((index: number) => Shared) | undefined

  /** So many Locations, all well, for three days. */
  settle(count: number, shared: (index: number) => Shared): this {
    this.#shared = shared
    for (let index = 0; index < count; index += 1) this.#signal(index, null)
    this.nowMs += 3 * 86_400_000
    return this
  }

  /** The Location gets dark after so long; due half a minute later unless told otherwise. */
  dark(index: number, afterMs: number, { isDue = true } = {}): void {
    this.#trouble(index, { kind: 'dark', subject: '' }, afterMs, isDue)
  }

  /** Without internet on its first way out, told over the second one. */
  offline(index: number, afterMs: number): void {
    this.#trouble(index, { kind: 'wan', subject: '' }, afterMs, true)
  }

  unpayable(index: number, processor: string, afterMs: number): void {
    this.#trouble(index, { kind: 'processor', subject: processor }, afterMs, true)
  }

  /** All is well again; `hindsight` = what its darkness was, as its recorder tells. */
  well(index: number, hindsight?: FaultClass): void {
    this.#pending = this.#pending.filter(({ order }) => order !== index)
    this.#signal(index, null)
    if (hindsight !== undefined) this.#signal(index, null, hindsight)
  }

  /** Locations that a parent accounts for. */
  held(): string[] {
    return [...this.#parentById.keys()].sort()
  }

  /** What the Location was told last; undefined = that it stands for itself. */
  wordTo(index: number): FleetParent | undefined {
    return this.#parentById.get(`loc-${index}`)
  }

  pass(ms: number): void {
    const endMs = this.nowMs + ms
    for (;;) {
      const next = this.#pending[0]
      const wakeMs = this.core.wakeAtMs(this.state) ?? Number.POSITIVE_INFINITY
      const atMs = Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, wakeMs)
      if (atMs > endMs) break
      this.nowMs = Math.max(this.nowMs, atMs)
      if (next !== undefined && next.atMs <= wakeMs) {
        this.#pending.shift()
        next.run()
      } else this.take({ type: 'woke' })
    }
    this.nowMs = endMs
  }

  take(event: Parameters<Fleet['core']['reduce']>[1]): void {
    this.#offset += 1
    const origin = { from: 'ingest', partition: 'fleet', offset: this.#offset } as const
    const { state, effects } = this.core.reduce(this.state, event, { nowMs: this.nowMs, origin })
    this.state = state
    for (const effect of effects) {
      if (effect.type === 'incident') {
        this.told.push(effect)
        continue
      }
      this.words.push(effect)
      if (effect.parent === null) this.#parentById.delete(effect.locationId)
      else this.#parentById.set(effect.locationId, effect.parent)
    }
  }

  /** Reports as last told, by key. */
  reports(): Map<string, IncidentReport> {
    return new Map(this.told.map(({ report }) => [report.key, report]))
  }

  #trouble(index: number, what: Pick<Trouble, 'kind' | 'subject'>, afterMs: number, isDue: boolean): void {
    const atMs = this.nowMs + afterMs
    this.#later(index, atMs, () => this.#signal(index, { ...what, sinceMs: atMs, isDue: false }))
    if (isDue)
      this.#later(index, atMs + dueAfterMs, () =>
        this.#signal(index, { ...what, sinceMs: atMs, isDue: true }),
      )
  }

  #later(order: number, atMs: number, run: () => void): void {
    this.#pending.push({ atMs, order, run })
    this.#pending.sort((a, b) => a.atMs - b.atMs || a.order - b.order)
  }

  #signal(index: number, trouble: Trouble | null, hindsight?: FaultClass): void {
    const { provider = null, stake, ...shared } = this.#shared?.(index) ?? {}
    const signal: FleetSignal = {
      locationId: `loc-${index}`,
      name: `Shop ${index}`,
      timeZone: 'Europe/Berlin',
      region: null,
      address: null,
      firstHop: null,
      processors: [],
      ...shared,
      ...(hindsight === undefined ? {} : { hindsight }),
      trouble,
    }
    this.take({ type: 'location-signalled', signal, provider, ...(stake && { stake }) })
  }
}
