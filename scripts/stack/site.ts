import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CloudForwarder, startCloudForwarder } from '../../test/lab/forwarder.ts'
import { type Lab, type LabProcess, startLab } from '../../test/lab/lab.ts'
import { addresses, names } from '../../test/lab/topology.ts'
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
}

/** The virtual Location with the real agent on its appliance. */
export interface Site {
  readonly lab: Lab
  readonly agent: LabProcess
  restartAgent(): Promise<void>
  stop(): Promise<void>
}

const claimTimeoutMs = 30_000

/** Brings the lab up, claims the appliance where it has no identity, and starts the agent. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const agentDir = join(options.dataDir, 'agent')
  const labDir = join(options.dataDir, 'lab')
  for (const dir of [agentDir, labDir, options.logDir]) mkdirSync(dir, { recursive: true, mode: 0o700 })
  const mqttSocket = join(labDir, 'mqtt.sock')
  const enrollSocket = join(labDir, 'enroll.sock')
  const forwarders: CloudForwarder[] = [
    await startCloudForwarder({ socketPath: mqttSocket, host: '127.0.0.1', port: options.mqttPort }),
    await startCloudForwarder({ socketPath: enrollSocket, host: '127.0.0.1', port: options.enrollPort }),
  ]
  const stopForwarders = () => Promise.all(forwarders.map((forwarder) => forwarder.stop()))
  try {
    const lab = await startLab({
      dataDir: labDir,
      backupUplink: options.hasBackupUplink,
      cloud: { mqttSocket, enrollSocket },
    })
    try {
      const env = agentEnvironment(options, agentDir)
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
      await lab.stop()
      await stopForwarders()
    },
  }
}
