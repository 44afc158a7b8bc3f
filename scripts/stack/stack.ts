import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Issue, LocationDetail } from '@proactive/shared/http'
import { type Cloud, type Demo, startCloud } from './cloud.ts'
import { type CloudClient, logIn } from './cloud-client.ts'
import {
  awaitFault,
  awaitHeal,
  type FaultReport,
  type HealReport,
  inForceSinceMs,
  type TrialDeps,
  whyNotAgain,
} from './fault-trial.ts'
import type { ServiceOptions } from './service.ts'
import { startSimulatedSite } from './simulated-site.ts'
import { type Site, startSite } from './site.ts'

export interface StackOptions {
  readonly dataDir: string
  readonly hasBackupUplink: boolean
  /** 0 = any free port. */
  readonly ports: {
    readonly web: number
    readonly mqtt: number
    readonly enroll: number
    readonly helpdesk: number
  }
  readonly influxUrl?: string | undefined
  readonly env: NodeJS.ProcessEnv
  /** More environment for the agent alone. */
  readonly agentEnv?: Readonly<Record<string, string>>
  /** The Location in memory instead of network namespaces. */
  readonly isSimulated?: boolean
  readonly onSpawned?: ServiceOptions['onSpawned']
  /** Told before each step, with its title. */
  readonly step?: <T>(title: string, work: () => Promise<T>) => Promise<T>
}

/** Cloud and virtual Location on this machine, wired together: what `npm start` shows and what the end-to-end tests try. */
export interface Stack {
  readonly cloud: Cloud
  readonly demo: Demo
  readonly site: Site
  /** The same questions as each of the demo's people, in the order of `demo.users`. */
  readonly clients: readonly CloudClient[]
  /** Every Issue of the Location that any of the demo's people may see, each once. */
  issues(): Promise<readonly Issue[]>
  location(): Promise<LocationDetail>
  /** Resolves when the Location is inventoried (`/readyz` answers 200). @throws Error after the deadline. */
  awaitReady(timeoutMs: number): Promise<void>
  /** Injects a fault; undefined report where nobody waits. A mistake of the asker is a sentence. */
  fault(words: readonly string[], isWaiting: boolean): Promise<TrialOutcome<FaultReport>>
  heal(words: readonly string[], isWaiting: boolean): Promise<TrialOutcome<HealReport>>
  stop(): Promise<void>
}

export type TrialOutcome<Report> =
  | { readonly kind: 'done'; readonly report: Report | null }
  | { readonly kind: 'usage'; readonly message: string }

const pollMs = 200

/** Starts everything; what was started is stopped again when a later step fails. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const step = options.step ?? ((_title, work) => work())
  const logDir = join(options.dataDir, 'logs')
  mkdirSync(logDir, { recursive: true, mode: 0o700 })
  const cloud = await step('starting ingest and helpdesk', () =>
    startCloud({
      dataDir: options.dataDir,
      logDir,
      webPort: options.ports.web,
      mqttPort: options.ports.mqtt,
      enrollPort: options.ports.enroll,
      helpdeskPort: options.ports.helpdesk,
      influxUrl: options.influxUrl,
      profile: 'lab',
      hasDemo: true,
      hasBackupUplink: options.hasBackupUplink,
      env: options.env,
      onSpawned: options.onSpawned,
    }),
  )
  try {
    const { demo } = cloud
    if (demo === undefined) throw new Error('the demo has no Location')
    const clients = await Promise.all(demo.users.map((user) => logIn(cloud.webUrl, user)))
    const technician = clients[0]
    if (technician === undefined) throw new Error('the demo has no technician')
    const start = options.isSimulated === true ? startSimulatedSite : startSite
    const site = await step('starting the virtual Location and its appliance', () =>
      start({
        dataDir: options.dataDir,
        logDir,
        hasBackupUplink: options.hasBackupUplink,
        mqttPort: cloud.mqttPort,
        enrollPort: cloud.enrollPort,
        createClaim: async () => (await technician.createClaim(demo.locationId)).bundle,
        env: options.env,
        agentEnv: options.agentEnv ?? {},
      }),
    )
    return createStack(cloud, demo, site, clients, technician)
  } catch (error) {
    await cloud.stop()
    throw error
  }
}

function createStack(
  cloud: Cloud,
  demo: Demo,
  site: Site,
  clients: readonly CloudClient[],
  technician: CloudClient,
): Stack {
  const issues = async () => {
    const pages = await Promise.all(clients.map((client) => client.issues(demo.locationId)))
    return [...new Map(pages.flat().map((issue) => [issue.id, issue])).values()]
  }
  const location = () => technician.location(demo.locationId)
  const inForce = async () => (await site.lab.status()).faults

  async function namesOfDevices(): Promise<(deviceId: string) => string> {
    const { devices } = await location()
    const nameById = new Map(
      devices.map(({ device }) => [device.id, device.name ?? device.ips[0] ?? device.id]),
    )
    return (id) => nameById.get(id) ?? id
  }
  const trial: TrialDeps = { listIssues: issues, namesOfDevices, nowMs: Date.now, pause }

  return {
    cloud,
    demo,
    site,
    clients,
    issues,
    location,
    awaitReady: async (timeoutMs) => {
      const deadlineMs = performance.now() + timeoutMs
      while (!(await isReady(cloud.webUrl))) {
        if (performance.now() > deadlineMs)
          throw new Error(`the Location was not inventoried after ${timeoutMs / 1000} s`)
        await pause(pollMs)
      }
    },
    fault: async ([name = '', ...args], isWaiting) => {
      const fault = [name, ...args].join(' ')
      const refusal = whyNotAgain(await inForce(), name, args)
      if (refusal !== undefined) return { kind: 'usage', message: refusal }
      const injectedAtMs = Date.now()
      const result = await site.lab.fault(name, args)
      if (!result.ok) return { kind: 'usage', message: result.reason }
      return { kind: 'done', report: isWaiting ? await awaitFault(trial, fault, injectedAtMs) : null }
    },
    heal: async ([name = '', ...args], isWaiting) => {
      const fault = [name, ...args].join(' ')
      const before = await inForce()
      const healedAtMs = Date.now()
      const result = await site.lab.heal(name, args)
      if (!result.ok) return { kind: 'usage', message: result.reason }
      if (!isWaiting) return { kind: 'done', report: null }
      const injectedAtMs = inForceSinceMs(before, await inForce()) ?? Number.POSITIVE_INFINITY
      const opened = (await issues()).filter((issue) => issue.createdAtMs >= injectedAtMs)
      const keys = new Set(opened.flatMap((issue) => (issue.key === undefined ? [] : [issue.key])))
      return { kind: 'done', report: await awaitHeal(trial, fault, keys, healedAtMs) }
    },
    stop: async () => {
      await site.stop()
      await cloud.stop()
    },
  }
}

async function isReady(webUrl: string): Promise<boolean> {
  try {
    const response = await fetch(new URL('/readyz', webUrl), { signal: AbortSignal.timeout(2_000) })
    await response.arrayBuffer()
    return response.status === 200
  } catch {
    return false
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
