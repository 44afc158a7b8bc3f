import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Lab, type LabProcess, startCloudForwarder, startLab } from '../../test/lab/lab.ts'
import { labAgentConfig } from './agent-config.ts'
import { programArgv } from './paths.ts'

export interface SiteOptions {
  readonly dataDir: string
  readonly logDir: string
  readonly hasBackupUplink: boolean
  readonly mqttPort: number
  readonly enrollPort: number
  /** Gives a claim bundle; asked for only where the appliance has no identity yet. */
  readonly createClaim: () => Promise<string>
  readonly env: NodeJS.ProcessEnv
  readonly agentEnv: Readonly<Record<string, string>>
}

/** The virtual Location with the real agent on its appliance. */
export interface Site {
  readonly lab: Lab
  readonly agent: LabProcess
  restartAgent(): Promise<void>
  stop(): Promise<void>
}

const claimTimeoutMs = 30_000
const goodbyeMs = 3_000
/** The kernel's boot id does not change in a namespace: a loss of power draws a new one here (proc(5), random/boot_id). */
const bootIdFile = 'boot-id'

/** Brings the lab up, claims the appliance where it has no identity, and starts the agent. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const agentDir = join(options.dataDir, 'agent')
  const labDir = join(options.dataDir, 'lab')
  for (const dir of [agentDir, labDir, options.logDir]) mkdirSync(dir, { recursive: true, mode: 0o700 })
  const mqttSocket = join(labDir, 'mqtt.sock')
  const enrollSocket = join(labDir, 'enroll.sock')
  const forwarders = [
    await startCloudForwarder({ socketPath: mqttSocket, host: '127.0.0.1', port: options.mqttPort }),
    await startCloudForwarder({ socketPath: enrollSocket, host: '127.0.0.1', port: options.enrollPort }),
  ]
  const stopForwarders = () => Promise.all(forwarders.map((forwarder) => forwarder.stop()))
  try {
    const drawBootId = () => writeFileSync(join(labDir, bootIdFile), `${randomUUID()}\n`)
    if (!existsSync(join(labDir, bootIdFile))) drawBootId()
    const lab = await startLab({
      dataDir: labDir,
      onEvent: (event) => {
        if (event.kind === 'power' && event.node === 'appliance' && !event.isOn) drawBootId()
      },
      backupUplink: options.hasBackupUplink,
      cloud: { mqttSocket, enrollSocket },
      ...(options.env.PATH === undefined ? {} : { toolsPath: options.env.PATH }),
    })
    try {
      const env = agentEnvironment(options, agentDir, join(labDir, bootIdFile))
      const agent = await startAgent(lab, options, agentDir, env)
      return createSite(lab, agent, () => startAgent(lab, options, agentDir, env), stopForwarders)
    } catch (error) {
      await lab.stop()
      throw error
    }
  } catch (error) {
    await stopForwarders()
    throw error
  }
}

function createSite(
  lab: Lab,
  firstAgent: LabProcess,
  startAgentAgain: () => Promise<LabProcess>,
  stopForwarders: () => Promise<unknown>,
): Site {
  let agent = firstAgent
  return {
    lab,
    get agent() {
      return agent
    },
    restartAgent: async () => {
      agent = await startAgentAgain()
    },
    stop: async () => {
      // A goodbye, so that the next start does not take the end for a power cut.
      await agent.kill('SIGTERM').catch(() => undefined)
      await Promise.race([agent.exited, new Promise((resolve) => setTimeout(resolve, goodbyeMs))])
      await lab.stop()
      await stopForwarders()
    },
  }
}

async function startAgent(
  lab: Lab,
  options: SiteOptions,
  agentDir: string,
  env: Record<string, string>,
): Promise<LabProcess> {
  if (!existsSync(join(agentDir, 'identity', 'certificate.pem'))) {
    const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    const argv = ['env', ...assignments, ...programArgv('agent', 'claim'), await options.createClaim()]
    const claim = await lab.exec('appliance', argv, claimTimeoutMs)
    if (claim.code !== 0)
      throw new Error(`the appliance could not be claimed: ${claim.stderr.trim().split('\n').at(-1)}`)
  }
  return lab.spawn('appliance', 'agent', programArgv('agent', 'run'), {
    env,
    logFile: join(options.logDir, 'agent.log'),
  })
}

function agentEnvironment(
  options: SiteOptions,
  agentDir: string,
  bootIdPath: string,
): Record<string, string> {
  const configFile = join(agentDir, 'agent.json')
  writeFileSync(configFile, JSON.stringify(labAgentConfig(options.hasBackupUplink), null, 2), { mode: 0o600 })
  return {
    PATH: options.env.PATH ?? '/usr/bin:/bin',
    PROACTIVE_DATA: agentDir,
    PROACTIVE_AGENT_CONFIG: configFile,
    PROACTIVE_BOOT_ID_FILE: bootIdPath,
    ...options.agentEnv,
  }
}
