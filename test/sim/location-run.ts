import type { AgentConfig, Desired, EpochMs } from '@proactive/shared'
import { encode } from '@proactive/shared/codec'
import { createMemorySpool, settingsSchema } from '../../agent/src/index.ts'
import type { Log, Spool, SpoolRecord } from '../../agent/src/ports/index.ts'
import {
  createFaultCore,
  type FleetSignal,
  type LocationConfig,
  type LocationState,
  type Profile,
  timings,
} from '../../ingest/src/faults/index.ts'
import type { LogRecord } from '../../ingest/src/log/ingest-log.ts'
import { labAgentConfig } from '../../scripts/stack/agent-config.ts'
import { addresses, names } from '../lab/topology.ts'
import { type Appliance, createAppliance } from './appliance.ts'
import { createLeaper, type Leaper } from './leaper.ts'
import type { WallClock } from './machine.ts'
import { createManualScheduler, type ManualScheduler, turn } from './manual-scheduler.ts'
import { createRandom } from './random.ts'
import { createVirtualCloud, type VirtualCloud } from './virtual-cloud.ts'
import { createVirtualIngest, type IncidentStory, type VirtualIngest } from './virtual-ingest.ts'
import { createVirtualLocation, type LocationTiming, type VirtualLocation } from './virtual-location.ts'
import type { LinkQuality } from './virtual-paths.ts'
import { createWindowEnds } from './window-ends.ts'

/** One Location in virtual time, end to end: world → agent core → bytes on the wire → log → fault core → incidents. */
export interface LocationRun {
  readonly scheduler: ManualScheduler
  readonly location: VirtualLocation
  readonly cloud: VirtualCloud
  readonly ingest: VirtualIngest<LocationState>
  readonly appliance: Appliance
  /** Everything that was committed to the spool, in order: what the cloud must have in the end. */
  readonly journal: readonly SpoolRecord[]
  /** Powers the appliance; returns at once, nothing has run yet. */
  begin(): void
  /** Begins, and lets time pass until the Location is inventoried and its start-up hold over. @throws Error after 3 virtual minutes. */
  start(): Promise<void>
  /** Lets virtual time pass. @throws whatever failed inside. */
  pass(ms: number): Promise<void>
  /** @throws Error with the sentence for a fault that is none. */
  fault(name: string, ...args: string[]): Promise<void>
  heal(name: string, ...args: string[]): Promise<void>
  incidents(): readonly IncidentStory[]
  /** Sets the clock on to a moment before which nothing is due. */
  passTo(atMono: number): void
  readonly leaper: Leaper
  /** @throws the first failure inside the agent or the world. */
  check(): void
}

export interface LocationRunOptions {
  /** Everything random comes from it. */
  readonly seed: string
  readonly startMs?: EpochMs
  readonly hasBackupUplink?: boolean
  readonly profile?: Profile
  /** Without openings the shop is always open. */
  readonly calendar?: LocationConfig['calendar']
  readonly timeZone?: string
  readonly quality?: Partial<LinkQuality>
  readonly timing?: Partial<LocationTiming>
  readonly hasRawArp?: boolean
  readonly wallClock?: (boot: number, scheduler: ManualScheduler) => WallClock
  readonly openSpool?: () => Spool
  readonly bootMs?: number
  readonly telemetrySeconds?: number
  /** False where days are simulated and nobody compares what was spooled. Default: true. */
  readonly keepsJournal?: boolean
  readonly log?: Log
  readonly onRecord?: (record: LogRecord) => void
  readonly onSignal?: (signal: FleetSignal) => void
  /** Public address of the router as the cloud sees it. Default: the lab's. */
  readonly publicAddress?: string
  readonly region?: string
}

/** Wednesday, 2026-11-18, 09:00 UTC. */
export const defaultStartMs = Date.UTC(2026, 10, 18, 9)
/** The device that sleeps when idle (`pos-3`), by its MAC; a technician confirmed it. */
export const sleeperId = 'mac-00176fa92003'
export const locationId = 'loc-sim'
export const applianceId = 'appliance-sim'
const inventoryLimitMs = 180_000

export function createLocationRun(options: LocationRunOptions): LocationRun {
  const { seed, hasBackupUplink = false } = options
  const scheduler = createManualScheduler({ startMs: options.startMs ?? defaultStartMs })
  const failures: unknown[] = []
  const onFailed = (cause: unknown) => void failures.push(cause)
  const location = createVirtualLocation({
    scheduler,
    hasBackupUplink,
    onFailed,
    ...(options.timing === undefined ? {} : { timing: options.timing }),
  })
  const { profile = 'production', quality = {} } = options
  const windowEnds = createWindowEnds(scheduler)
  const ingest: VirtualIngest<LocationState> = createVirtualIngest({
    scheduler,
    core: createFaultCore({ env: 'sim', profile }),
    locationId,
    applianceId,
    sendCommand: (payload) => cloud.send('command', payload),
    windowEndMono: (batch) => windowEnds.of(batch),
    random: createRandom(`${seed}/batches`),
    onBatch: (batch) => leaper.heard(batch),
    onRestart: () => leaper.restarted(),
    ...(options.onSignal === undefined ? {} : { onSignal: options.onSignal }),
    ...(options.onRecord === undefined ? {} : { onRecord: options.onRecord }),
  })
  const desired = encode('desired', desiredOf(options.telemetrySeconds ?? 30))
  const cloud: VirtualCloud = createVirtualCloud({
    scheduler,
    location,
    random: createRandom(`${seed}/cloud`).next,
    listener: {
      onOpened(remoteAddress) {
        const isPrimary = remoteAddress === addresses.routerWan
        ingest.onOpened(isPrimary ? (options.publicAddress ?? remoteAddress) : remoteAddress)
        // The gateway sends it after each subscribe.
        scheduler.after(1, () => cloud.send('desired', desired))
      },
      onClosed: ingest.onClosed,
      onMessage: ingest.onMessage,
    },
  })
  const leaper = createLeaper({
    scheduler,
    location,
    cloud,
    ingest,
    quality,
    timing: timings[profile],
    onLeapt: (ms) => appliance.leapt(ms),
  })
  const journal: SpoolRecord[] = []
  const memory = createMemorySpool()
  const appliance = createAppliance({
    scheduler,
    location,
    cloud,
    random: createRandom(`${seed}/appliance`),
    settings: settingsSchema.parse(labAgentConfig(hasBackupUplink)),
    openSpool() {
      const spool = windowEnds.noting(options.openSpool?.() ?? memory)
      return options.keepsJournal === false ? spool : withRecords(spool, journal)
    },
    onFailed,
    onLineMissed: () => leaper.lineMissed(),
    quality,
    ...(options.hasRawArp === undefined ? {} : { hasRawArp: options.hasRawArp }),
    ...(options.bootMs === undefined ? {} : { bootMs: options.bootMs }),
    ...(options.log === undefined ? {} : { log: options.log }),
    ...(options.wallClock === undefined
      ? {}
      : { wallClock: (boot: number) => options.wallClock?.(boot, scheduler) as WallClock }),
  })

  function check(): void {
    if (failures.length > 0) throw new Error('something failed inside the simulation', { cause: failures[0] })
  }

  function begin(): void {
    ingest.configure({
      locationId,
      name: 'Simulated shop',
      timeZone: options.timeZone ?? 'Europe/Berlin',
      calendar: options.calendar ?? { openings: [], holidays: [] },
      devices: { [sleeperId]: { isSleeper: true } },
      hasBackupUplink,
      ...(options.region === undefined ? {} : { region: options.region }),
    })
    appliance.powerOn()
  }

  async function change(how: 'inject' | 'heal', name: string, args: string[]): Promise<void> {
    const result = await location.faults[how](name, args)
    if (!result.ok) throw new Error(result.reason)
    await turn()
    check()
  }

  return {
    scheduler,
    location,
    cloud,
    ingest,
    appliance,
    journal,
    begin,
    async start() {
      begin()
      const isInventoried = () => ingest.view()?.isInventoried === true
      const isDone = await scheduler.advanceUntil(isInventoried, inventoryLimitMs)
      check()
      if (!isDone) throw new Error(`the Location was not inventoried after ${inventoryLimitMs / 1_000} s`)
    },
    async pass(ms) {
      await scheduler.advance(ms)
      check()
    },
    fault: (name, ...args) => change('inject', name, args),
    heal: (name, ...args) => change('heal', name, args),
    incidents: ingest.incidents,
    passTo: scheduler.passTo,
    leaper,
    check,
  }
}

function desiredOf(telemetrySeconds: number): Desired {
  const config: AgentConfig = {
    telemetrySeconds,
    networks: [addresses.lan],
    payPaths: [{ id: 'processor', name: 'Processor', host: names.processor, port: 443, deviceIds: [] }],
    internetTargets: [...addresses.targets],
    dnsNames: [names.processor],
    devices: [{ deviceId: sleeperId, isSleeper: true }],
  }
  return { v: 1, version: 1, config }
}

/** Notes each record that a commit put into the spool. */
function withRecords(spool: Spool, journal: SpoolRecord[]): Spool {
  return {
    ...spool,
    commit(change) {
      const records = spool.commit(change)
      journal.push(...records)
      return records
    },
  }
}
