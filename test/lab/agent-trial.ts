import { existsSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentConfig, CommandAction, CommandResult, Reported } from '@proactive/shared'
import { decode, encode } from '@proactive/shared/codec'
import { readStatusSocket } from '../../agent/src/adapters/status-socket.ts'
import type { AgentStatus } from '../../agent/src/index.ts'
import { startTestBroker, type TestBroker } from '../../agent/src/testing/test-broker.ts'
import { labAgentConfig } from '../../scripts/stack/agent-config.ts'
import { programArgv } from '../../scripts/stack/paths.ts'
import { writeIdentity } from './identity.ts'
import { type Lab, type LabProcess, startCloudForwarder, startLab } from './lab.ts'
import { names } from './topology.ts'

/** The real agent on the appliance of a virtual Location, with a small broker for a cloud: what it does can be asked for and counted. */
export interface AgentTrial {
  readonly lab: Lab
  readonly broker: TestBroker
  readonly agent: LabProcess
  /** Where the agent keeps its data, and its log. */
  readonly dataDir: string
  readonly logFile: string
  /** How the agent stands; undefined while it starts. */
  status(): Promise<AgentStatus | undefined>
  /** Resolves once the status is as asked for. @throws Error after the deadline. */
  until(what: string, isSo: (status: AgentStatus) => boolean, timeoutMs?: number): Promise<AgentStatus>
  /** Every result of one command, the final one last. */
  run(request: CommandAction, budgetMs?: number): Promise<CommandResult[]>
  /** Sends a wanted configuration and waits for what the agent says to it. */
  desire(version: number, config: AgentConfig): Promise<Reported>
  stop(): Promise<void>
}

const pollMs = 150

export async function startAgentTrial(options: {
  /** Folder names under /tmp: paths of unix sockets hold 107 bytes. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly toolsPath?: string
  readonly argv?: readonly string[]
}): Promise<AgentTrial> {
  const dataDir = await mkdtemp('/tmp/pxa-')
  const broker = await startTestBroker({ ackDelayMs: 5, host: names.cloud })
  const undo: (() => Promise<unknown>)[] = [
    () => rm(dataDir, { recursive: true, force: true }),
    () => broker.stop(),
  ]
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const mqttSocket = join(dataDir, 'm.sock')
    const forwarder = await startCloudForwarder({
      socketPath: mqttSocket,
      host: '127.0.0.1',
      port: broker.port,
    })
    undo.push(() => forwarder.stop())
    const lab = await startLab({
      dataDir: join(dataDir, 'lab'),
      cloud: { mqttSocket, enrollSocket: join(dataDir, 'e.sock') },
      ...(options.toolsPath === undefined ? {} : { toolsPath: options.toolsPath }),
    })
    undo.push(() => lab.stop())
    const agentDir = join(dataDir, 'agent')
    writeIdentity(join(agentDir, 'identity'), broker, `mqtts://${names.cloud}:8883`)
    writeFileSync(
      join(agentDir, 'agent.json'),
      JSON.stringify({ ...(labAgentConfig(false) as object), ...options.settings }),
      { mode: 0o600 },
    )
    const logFile = join(dataDir, 'agent.log')
    const agent = await lab.spawn('appliance', 'agent', options.argv ?? programArgv('agent', 'run'), {
      env: { PATH: options.toolsPath ?? process.env.PATH ?? '', PROACTIVE_DATA: agentDir },
      logFile,
    })
    return createTrial({ lab, broker, agent, dataDir: agentDir, logFile, stop })
  } catch (error) {
    await stop()
    throw error
  }
}

function createTrial(
  parts: Pick<AgentTrial, 'lab' | 'broker' | 'agent' | 'dataDir' | 'logFile' | 'stop'>,
): AgentTrial {
  const { broker, dataDir, logFile } = parts
  let lastId = 0
  const status = async () => {
    const text = existsSync(join(dataDir, 'agent.sock'))
      ? await readStatusSocket(join(dataDir, 'agent.sock'), '/status')
      : undefined
    return text === undefined || text === '{}' ? undefined : (JSON.parse(text) as AgentStatus)
  }

  /** The next payload of a kind that is as asked for, or an error that says what was waited for. */
  function awaitMessage<T>(kind: string, timeoutMs: number, take: (payload: Buffer) => T | undefined) {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        forget()
        reject(new Error(`the agent sent no ${kind} in ${timeoutMs} ms`))
      }, timeoutMs)
      const forget = broker.onReceived((receivedKind, payload) => {
        if (receivedKind !== kind) return
        const taken = take(payload)
        if (taken === undefined) return
        clearTimeout(timer)
        forget()
        resolve(taken)
      })
    })
  }

  return {
    ...parts,
    status,
    async until(what, isSo, timeoutMs = 20_000) {
      const deadline = performance.now() + timeoutMs
      for (;;) {
        const now = await status()
        if (now !== undefined && isSo(now)) return now
        if (performance.now() > deadline)
          throw new Error(
            `the agent was not ${what} after ${timeoutMs} ms: ${JSON.stringify(now)}\n${(await readFile(logFile, 'utf8')).slice(-4_000)}`,
          )
        await new Promise((resolve) => setTimeout(resolve, pollMs))
      }
    },
    async run(request, budgetMs = 5_000) {
      const id = `cmd-${++lastId}`
      const results: CommandResult[] = []
      const final = awaitMessage('result', budgetMs + 3_000, (payload) => {
        const result = decode('result', payload)
        if (result.commandId !== id) return undefined
        results.push(result)
        return result.isFinal ? results : undefined
      })
      broker.send('command', encode('command', { v: 1, id, auditId: `audit-${id}`, budgetMs, request }))
      return final
    },
    async desire(version, config) {
      const reported = awaitMessage('reported', 10_000, (payload) => {
        const message = decode('reported', payload)
        return message.version === version ? message : undefined
      })
      broker.send('desired', encode('desired', { v: 1, version, config }))
      return reported
    },
  }
}
