import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { createMqttLink } from '../../agent/src/adapters/mqtt-link.ts'
import { nodeScheduler } from '../../agent/src/adapters/node-scheduler.ts'
import { openIdentityStore } from '../../agent/src/adapters/identity-store.ts'
import { openRunJournal } from '../../agent/src/adapters/run-journal-file.ts'
import { openSqliteSpool } from '../../agent/src/adapters/sqlite-spool.ts'
import { claim, parseBundle } from '../../agent/src/claim.ts'
import { settingsSchema } from '../../agent/src/index.ts'
import { names } from '../../test/lab/topology.ts'
import { type Appliance, createAppliance } from '../../test/sim/appliance.ts'
import { startLineDoor } from '../../test/sim/line-door.ts'
import { createRandom } from '../../test/sim/random.ts'
import { createVirtualLocation, type VirtualLocation } from '../../test/sim/virtual-location.ts'
import { labAgentConfig } from './agent-config.ts'
import type { Site, SiteOptions } from './site.ts'

/** How the simulated Location is called wherever people see it. */
export const simulatedLabel = 'simulated LAN'

const bootMs = 2_000
const notHere = 'there are no programs in a simulated LAN; use a machine that allows network namespaces'

/**
 * The virtual Location in memory, for machines without network namespaces: the real agent core on the simulated LAN, in real time, with its
 * spool, identity and MQTT connection as on an appliance. The faults are those of the lab.
 */
export async function startSimulatedSite(options: SiteOptions): Promise<Site> {
  const agentDir = join(options.dataDir, 'agent')
  for (const dir of [agentDir, options.logDir]) mkdirSync(dir, { recursive: true, mode: 0o700 })
  const identities = openIdentityStore(agentDir)
  if (identities.read() === undefined) await claimOnLoopback(options, agentDir)

  const log = pino(
    { base: { program: 'agent' } },
    pino.destination({ dest: join(options.logDir, 'agent.log'), sync: false, mkdir: true }),
  )
  const onFailed = (err: unknown) => log.error({ err }, 'the simulated Location failed')
  const location = createVirtualLocation({
    scheduler: nodeScheduler,
    hasBackupUplink: options.hasBackupUplink,
    onFailed,
  })
  const door = await startLineDoor({
    location,
    mqttPort: options.mqttPort,
    openLink: (port) =>
      createMqttLink({
        identity() {
          const identity = identities.read()
          if (identity === undefined) throw new Error('the appliance has no identity any more')
          return { ...identity, mqttUrl: `mqtts://${names.cloud}:${port()}` }
        },
        lookup: () => Promise.resolve('127.0.0.1'),
      }),
  })
  const bootIdFile = join(agentDir, 'boot-id')
  const appliance = createAppliance({
    scheduler: nodeScheduler,
    location,
    cloud: door,
    random: createRandom(`simulated LAN ${Date.now()}`),
    settings: settingsSchema.parse(labAgentConfig(options.hasBackupUplink)),
    openSpool: () => openSqliteSpool({ file: join(agentDir, 'spool.db'), maxBytes: 64 * 1024 * 1024 }),
    openJournal(bootId) {
      writeFileSync(bootIdFile, bootId, { mode: 0o600 })
      return openRunJournal(agentDir, bootIdFile)
    },
    bootMs,
    log,
    onFailed,
  })
  appliance.powerOn()
  return createSite(location, appliance, () => door.stop())
}

/** The claim names the cloud as the lab knows it; here it is on loopback. */
async function claimOnLoopback({ createClaim, enrollPort }: SiteOptions, agentDir: string): Promise<void> {
  const bundle = parseBundle(await createClaim())
  await claim(agentDir, JSON.stringify({ ...bundle, url: `https://127.0.0.1:${enrollPort}` }))
}

function createSite(location: VirtualLocation, appliance: Appliance, stopDoor: () => Promise<void>): Site {
  const ended = Promise.withResolvers<void>()
  const refuse = () => Promise.reject(new Error(notHere))
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= (async () => {
      await appliance.agent()?.stop('shutdown')
      appliance.end()
      await stopDoor()
      ended.resolve()
    })()
    return stopping
  }
  return {
    lab: {
      nodes: location.nodes().map(({ spec }) => spec.name),
      startedInMs: 0,
      stages: {},
      ended: ended.promise,
      status: () => Promise.resolve(location.status()),
      fault: (name, args = []) => location.faults.inject(name, args),
      heal: (name, args = []) => location.faults.heal(name, args),
      spawn: refuse,
      exec: refuse,
      stop,
    },
    agent: {
      name: 'agent',
      kill: () => Promise.resolve(appliance.killAgent()),
      exited: new Promise(() => undefined),
    },
    restartAgent: () => Promise.resolve(appliance.killAgent()),
    stop,
  }
}
