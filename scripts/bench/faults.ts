import type { Birth, Change, Device, DeviceRole, Observation, Telemetry } from '@proactive/shared'
import {
  createFaultCore,
  type Effect,
  type FaultCore,
  type FaultEvent,
  type LocationState,
} from '../../ingest/src/faults/index.ts'
import type { Bench, Figure } from './bench.ts'

const fleets = [100, 10_000, 100_000] as const
const devicesPerLocation = 8
/** Observations timed per fleet, after every Location was met once. */
const timedObservations = 4_000_000
/** They are timed in slices and the best one counts: a busy neighbour on the machine takes the caches away, not the work. */
const slices = 5
/** Before the first fleet is timed, so that all are measured with compiled code. */
const warmUpObservations = 2_000_000
/** Batches between two changes of state: 8 rows each, so that more than every 100th observation changes something; prime, so that every Location gets its share. */
const batchesPerChange = 13
const visitsAtOnce = 1_000
const batchMs = 30_000
const untimedRounds = 3
const startMs = Date.UTC(2026, 2, 10, 9)

/** Observations a second through the fault core, and what a thousand times the Locations cost. */
export const faultsBench: Bench = {
  name: 'faults',
  summary: 'observations a second on one core, at 100, 10,000 and 100,000 Locations',
  tools: [],
  async run({ say }) {
    const figures: Figure[] = []
    const runs: Record<string, unknown>[] = []
    const stateBytesPerLocation = stateBytes(50)
    const rates: number[] = []
    const bareRates: number[] = []
    measure(createFleet(fleets[0]), warmUpObservations)
    for (const locations of fleets) {
      say(`${locations.toLocaleString('en-US')} Locations of ${devicesPerLocation} devices`)
      const { observationsPerSecond, bareObservationsPerSecond, changedRatio } = measure(
        createFleet(locations),
        timedObservations,
      )
      rates.push(observationsPerSecond)
      bareRates.push(bareObservationsPerSecond)
      const rssMb = Math.round(process.memoryUsage.rss() / 2 ** 20)
      runs.push({
        locations,
        observationsPerSecond: Math.round(observationsPerSecond),
        stateBytesPerLocation,
        rssMb,
      })
      const name = `${locations.toLocaleString('en-US')} Locations`
      figures.push(
        { name, value: observationsPerSecond, unit: 'obs/s', atLeast: 200_000 },
        { name: `${name}, reducer alone`, value: bareObservationsPerSecond, unit: 'obs/s' },
        { name: `${name}, share that changed a state`, value: changedRatio, unit: '', atLeast: 0.01 },
        { name: `${name}, memory`, value: rssMb, unit: 'MiB' },
      )
    }
    figures.push(
      {
        name: 'cost at 100,000 Locations, by that at 100',
        value: ratio(rates),
        unit: '×',
        atMost: 1.5,
      },
      {
        name: 'the same, reducer alone',
        value: ratio(bareRates),
        unit: '×',
      },
      { name: 'stored state, 50 devices', value: stateBytesPerLocation, unit: 'bytes', atMost: 20_480 },
    )
    return { figures, fields: { runs } }
  },
}

interface Fleet {
  readonly core: FaultCore<LocationState>
  readonly states: LocationState[]
  /** Batches sent so far, over all Locations. */
  visits: number
}

/** One event, and how many observations it counts for. */
interface Step {
  readonly location: number
  readonly nowMs: number
  readonly event: FaultEvent
}

function ratio(rates: readonly number[]): number {
  return (rates[0] ?? Number.NaN) / (rates.at(-1) ?? Number.NaN)
}

/** Observations a second of this thread's core: from an event's JSON, as it comes out of the codec, to its effects; and of the reducer alone. */
function measure(
  fleet: Fleet,
  atLeast: number,
): { observationsPerSecond: number; bareObservationsPerSecond: number; changedRatio: number } {
  const locations = fleet.states.length
  const best = { whole: 0, bare: 0 }
  let observations = 0
  let changed = 0
  for (let slice = 1; slice <= slices; slice += 1) {
    const before = observations
    let parseMs = 0
    let reduceMs = 0
    while (observations < (atLeast * slice) / slices) {
      const written: (Omit<Step, 'event'> & { readonly text: string })[] = []
      for (let made = 0; made < visitsAtOnce; made += 1, fleet.visits += 1) {
        for (const { event, ...step } of visitSteps(fleet.visits, locations))
          written.push({ ...step, text: JSON.stringify(event) })
      }
      const startMs = coreMs()
      const steps = written.map(({ location, nowMs, text }) => ({
        location,
        nowMs,
        event: JSON.parse(text) as FaultEvent,
      }))
      const parsedMs = coreMs()
      for (const step of steps) {
        const effects = reduce(fleet, step)
        observations +=
          step.event.from === 'appliance' && step.event.kind === 'telemetry' ? devicesPerLocation : 1
        if (effects.length > 0) changed += 1
      }
      parseMs += parsedMs - startMs
      reduceMs += coreMs() - parsedMs
    }
    best.whole = Math.max(best.whole, ((observations - before) * 1_000) / (parseMs + reduceMs))
    best.bare = Math.max(best.bare, ((observations - before) * 1_000) / reduceMs)
  }
  return {
    observationsPerSecond: best.whole,
    bareObservationsPerSecond: best.bare,
    changedRatio: changed / observations,
  }
}

/** Time that this thread has had a core. */
function coreMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

function* rounds(locations: number, count: number): Iterable<Step> {
  for (let visit = 0; visit < locations * count; visit += 1) yield* visitSteps(visit, locations)
}

function createFleet(locations: number): Fleet {
  const core = createFaultCore({ env: 'bench', profile: 'production' })
  const fleet: Fleet = {
    core,
    states: Array.from({ length: locations }, (_, index) => core.empty(`loc-${index}`)),
    visits: 0,
  }
  for (let location = 0; location < locations; location += 1) {
    const at = { location, nowMs: startMs - batchMs }
    const event = {
      type: 'session-opened',
      applianceId: `app-${location}`,
      remoteAddress: '198.51.100.7',
    } as const
    reduce(fleet, { ...at, event: { from: 'ingest', event } })
    reduce(fleet, {
      ...at,
      event: fromAppliance(location, 'birth', birth(location, devicesPerLocation, at.nowMs)),
    })
    reduce(fleet, { ...at, event: fromAppliance(location, 'telemetry', batch(0, at.nowMs + 1)) })
  }
  // A fleet in its stride: what a Location needs once, it has by then.
  for (const step of rounds(locations, untimedRounds)) reduce(fleet, step)
  fleet.visits = locations * untimedRounds
  return fleet
}

function reduce({ core, states }: Fleet, { location, nowMs, event }: Step): readonly Effect[] {
  const origin = {
    from: 'appliance',
    applianceId: `app-${location}`,
    bootEpoch: 1,
    lane: 'live',
    seq: nowMs,
  } as const
  const { state, effects } = core.reduce(states[location] as LocationState, event, { nowMs, origin })
  states[location] = state
  return effects
}

/** A batch of one Location; every few batches a terminal falls silent and is back three seconds later, of fifty one stays away for a round. */
function visitSteps(visit: number, locations: number): Step[] {
  const location = visit % locations
  const round = Math.floor(visit / locations)
  const nowMs = startMs + round * batchMs
  const step = (event: FaultEvent, ms = 0): Step => ({ location, nowMs: nowMs + ms, event })
  const steps = [step(fromAppliance(location, 'telemetry', batch(round + 1, nowMs)))]
  if (visit % batchesPerChange !== 0) return steps
  const change = visit / batchesPerChange
  const deviceId = `dev-${2 + (change % 4)}`
  const backMs = change % 50 === 0 ? batchMs - 1_000 : 3_000
  const silent: Change = { type: 'device-silent', deviceId, sinceMs: nowMs - 3_000, evidence: [] }
  const answered: Change = { type: 'device-answered', deviceId, silentMs: 6_000, evidence: [] }
  steps.push(
    step(fromAppliance(location, 'observation', observation(silent, nowMs))),
    step(fromAppliance(location, 'observation', observation(answered, nowMs + backMs)), backMs),
  )
  return steps
}

function fromAppliance(location: number, kind: 'birth', message: Birth): FaultEvent
function fromAppliance(location: number, kind: 'telemetry', message: Telemetry): FaultEvent
function fromAppliance(location: number, kind: 'observation', message: Observation): FaultEvent
function fromAppliance(location: number, kind: string, message: unknown): FaultEvent {
  return { from: 'appliance', applianceId: `app-${location}`, kind, message } as FaultEvent
}

const stamp = { v: 1, bootEpoch: 1, lane: 'live', clock: 'synced' } as const

function observation(change: Change, atMs: number): Observation {
  return { ...stamp, seq: 1, atMs, change }
}

function batch(seq: number, atMs: number): Telemetry {
  const row = (alias: number) => [alias, 1, 1.25, 2.5, 4 + (seq % 7), 0, 0.3, 15, null]
  const device = Array.from({ length: devicesPerLocation }, (_, index) => row(index + 1))
  return {
    ...stamp,
    seq: seq + 1,
    atMs,
    windowMs: batchMs,
    rows: { device, wan: [[100, 1, 9.5, 12, 14, 0, 0.6]], snmp: [[1, 86_400 + seq * 30, 1, 1e9, 1e8, 0, 0]] },
  }
}

const roles: readonly DeviceRole[] = [
  'router',
  'pos-terminal',
  'pos-terminal',
  'printer',
  'switch',
  'workstation',
]

function birth(location: number, devices: number, atMs: number): Birth {
  return {
    v: 1,
    bootEpoch: 1,
    atMs,
    clock: 'synced',
    agentVersion: '0.1.0',
    networks: ['192.0.2.0/24'],
    uplinks: [{ id: 'primary', kind: 'primary', interface: 'eth0', hasCarrier: true, gateway: '192.0.2.1' }],
    desiredVersion: 0,
    devices: Array.from({ length: devices }, (_, index) => device(location, index + 1)),
    targets: [{ alias: 100, id: 'internet', kind: 'wan', name: 'internet' }],
  }
}

function device(location: number, alias: number): Device {
  const hex = (value: number) => (value % 256).toString(16).padStart(2, '0')
  return {
    alias,
    id: `dev-${alias}`,
    role: roles[(alias - 1) % roles.length] ?? 'unknown',
    name: `Device ${alias}`,
    vendor: 'Verifone',
    model: 'Vx520',
    confidence: 0.9,
    ips: [`192.0.2.${alias}`],
    macs: [`00:0b:4f:${hex(location >> 8)}:${hex(location)}:${hex(alias)}`],
    isSleeper: false,
    isGateway: alias === 1,
    firstSeenMs: startMs - 86_400_000,
    evidence: [],
  }
}

/** Bytes of a Location's stored state with its router down: every device silent and explained. */
function stateBytes(devices: number): number {
  const core = createFaultCore({ env: 'bench', profile: 'production' })
  const fleet: Fleet = { core, states: [core.empty('loc-0')], visits: 0 }
  const send = (event: FaultEvent, nowMs: number) => reduce(fleet, { location: 0, nowMs, event })
  send(
    {
      from: 'ingest',
      event: { type: 'session-opened', applianceId: 'app-0', remoteAddress: '198.51.100.7' },
    },
    startMs,
  )
  send(fromAppliance(0, 'birth', birth(0, devices, startMs)), startMs)
  const faultMs = startMs + 120_000
  const gateway: Change = {
    type: 'gateway-changed',
    uplinkId: 'primary',
    isReachable: false,
    sinceMs: faultMs,
    evidence: [],
  }
  send(fromAppliance(0, 'observation', observation(gateway, faultMs)), faultMs)
  for (let alias = 2; alias <= devices; alias += 1) {
    const silent: Change = {
      type: 'device-silent',
      deviceId: `dev-${alias}`,
      sinceMs: faultMs,
      evidence: [],
    } as const
    send(fromAppliance(0, 'observation', observation(silent, faultMs)), faultMs + 1_000)
  }
  send({ from: 'ingest', event: { type: 'woke' } }, faultMs + 10_000)
  return core.serialize(fleet.states[0] as LocationState).byteLength
}
