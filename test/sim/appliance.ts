import { type Agent, type AgentDeps, createAgent } from '../../agent/src/index.ts'
import {
  type CloudLink,
  type Log,
  type RunEntry,
  type RunJournal,
  type Scheduler,
  silentLog,
  type Spool,
  SpoolError,
} from '../../agent/src/ports/index.ts'
import { createMachine, type Machine, rightClock, type WallClock } from './machine.ts'
import type { SeededRandom } from './random.ts'
import { createVirtualLan, snmpCommunity } from './virtual-lan.ts'
import type { VirtualLocation } from './virtual-location.ts'
import type { LinkQuality, VirtualPaths } from './virtual-paths.ts'

/** The simulated appliance with the real agent core on it: lives and dies with its power, keeps its disk. */
export interface Appliance {
  /** The agent of this life; undefined without power or while it boots. */
  agent(): Agent | undefined
  /** How many times an agent was started. */
  starts(): number
  /** Kills the agent's process; it is started again `downMs` later, the kernel's boot id stays. */
  killAgent(downMs?: number): void
  /** Asks the agent to end, as an update does, and starts it again; its goodbye takes time to pass. */
  restartAgent(downMs?: number): void
  powerOn(): void
  /** So much time was leapt over. */
  leapt(ms: number): void
  /** Ends this life for good and closes what is on the disk. */
  end(): void
}

/** What a life of the appliance needs to reach a cloud. */
export interface CloudDoor {
  link(machine: Machine, paths: VirtualPaths): CloudLink
  /** The process was killed while its machine goes on: the kernel closes its sockets. */
  processDied(): void
}

export interface ApplianceOptions {
  readonly scheduler: Scheduler
  readonly location: VirtualLocation
  /** The way to the cloud, simulated or real. */
  readonly cloud: CloudDoor
  readonly random: SeededRandom
  readonly settings: AgentDeps['settings']
  /** What is on the disk; outlives every life. */
  readonly openSpool: () => Spool
  /** Journal of starts for life number `boot`; default: in memory. */
  readonly openJournal?: (bootId: string) => RunJournal
  readonly quality?: Partial<LinkQuality>
  readonly hasRawArp?: boolean
  /** The wall clock of life number `boot` (1, 2, …). */
  readonly wallClock?: (boot: number) => WallClock
  /** From power on to the agent's start. */
  readonly bootMs?: number
  readonly log?: Log
  /** A regular echo to the internet was lost. */
  readonly onLineMissed?: () => void
  readonly onFailed: (cause: unknown) => void
}

const defaultBootMs = 12_000
const processStartMs = 1_500

export function createAppliance(options: ApplianceOptions): Appliance {
  const { scheduler, location, cloud, random, bootMs = defaultBootMs } = options
  const memory = memoryJournal()
  let boot = 0
  let starts = 0
  let machine: Machine | undefined
  let agent: Agent | undefined
  let spool: Spool | undefined
  let tellLeapt: ((ms: number) => void) | undefined
  /** Counts lives, so that a start planned for an earlier one does not happen. */
  let life = 0

  function startAgent(): void {
    const wallClock = options.wallClock?.(boot) ?? rightClock
    const mine = createMachine(scheduler, wallClock)
    const world = createVirtualLan({
      machine: mine,
      location,
      random,
      ...(options.quality === undefined ? {} : { quality: options.quality }),
      ...(options.hasRawArp === undefined ? {} : { hasRawArp: options.hasRawArp }),
      ...(options.onLineMissed === undefined ? {} : { onLineMissed: options.onLineMissed }),
    })
    const { paths, leapt, ...ports } = world
    machine = mine
    tellLeapt = leapt
    spool = options.openSpool()
    starts++
    agent = createAgent({
      ...ports,
      settings: options.settings,
      snmpCommunity,
      scheduler: mine,
      clockTrust: mine,
      random: random.next,
      log: options.log ?? silentLog,
      spool: whileAlive(spool, mine),
      journal: options.openJournal?.(`boot-${boot}`) ?? memory,
      cloudLink: cloud.link(mine, paths),
      hardware: 'simulated LAN',
    })
    agent.start().catch(options.onFailed)
  }

  function startLater(delayMs: number): void {
    const mine = ++life
    scheduler.after(delayMs, () => {
      if (mine === life && location.node('appliance')?.isOn === true) startAgent()
    })
  }

  function endLife(): void {
    life++
    machine?.kill()
    spool?.close()
    machine = undefined
    agent = undefined
    spool = undefined
    tellLeapt = undefined
  }

  function powerOn(): void {
    boot++
    memory.setBootId(`boot-${boot}`)
    startLater(bootMs)
  }

  location.listen({
    onPower(node, isOn) {
      if (node !== 'appliance') return
      endLife()
      if (isOn) powerOn()
    },
  })

  return {
    agent: () => agent,
    starts: () => starts,
    killAgent(downMs = processStartMs) {
      endLife()
      cloud.processDied()
      startLater(downMs)
    },
    restartAgent(downMs = processStartMs) {
      const ending = agent
      if (ending === undefined) return
      ending.stop('update').then(() => {
        if (agent !== ending) return
        endLife()
        startLater(downMs)
      }, options.onFailed)
    },
    powerOn,
    leapt: (ms) => tellLeapt?.(ms),
    end: endLife,
  }
}

/** A dead process writes nothing any more, also what its last promises still wanted to write. */
function whileAlive(spool: Spool, machine: Machine): Spool {
  return {
    ...spool,
    commit(change) {
      if (!machine.isAlive) throw new SpoolError('the appliance is off')
      return spool.commit(change)
    },
    // Closed with the life itself: its last promises may still ask.
    close: () => undefined,
  }
}

function memoryJournal(): RunJournal & { setBootId(id: string): void } {
  let bootId = 'boot-0'
  let entry: RunEntry | undefined
  return {
    bootId: () => bootId,
    previous: () => entry,
    write(next) {
      entry = next
    },
    setBootId(id) {
      bootId = id
    },
  }
}
