import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { openTunnel } from '../../../agent/src/adapters/proxy-tunnel.ts'
import { runProgram } from '../../../scripts/process/run-program.ts'
import { isClaimed, kernelSlot, ownAddresses, readSavedConfig, readText } from './box.ts'
import type { HealthFacts } from './health-rules.ts'
import type { Places } from './places.ts'

const PROGRAM_DEADLINE_MS = 30_000
const CONNECT_DEADLINE_MS = 10_000
const ANSWER_DEADLINE_MS = 10_000
const MAX_STATUS_CHARS = 4_000_000

/** Written by the update's last step, removed when the slot is judged. */
const trialSchema = z.object({
  slot: z.enum(['A', 'B']),
  couldReachCloud: z.boolean(),
  hadAddress: z.boolean(),
})
export type Trial = z.infer<typeof trialSchema>

/** The trial this start belongs to; none when another slot runs than the one that was installed. */
export function readTrial(places: Places, slot = kernelSlot()): Trial | undefined {
  const text = readText(places.trialFile)
  if (text === undefined) return undefined
  try {
    const parsed = trialSchema.safeParse(JSON.parse(text))
    return parsed.success && parsed.data.slot === slot ? parsed.data : undefined
  } catch {
    return undefined
  }
}

export async function readFacts(places: Places): Promise<HealthFacts> {
  const agentUpSeconds = await readAgentUp()
  const isAcknowledged = agentUpSeconds !== undefined && (await wasAcknowledged(places))
  const trial = readTrial(places)
  // Outside a trial there is time to see the agent that the claim is spent for.
  const isBeingClaimed = trial === undefined && existsSync(places.claimingFile)
  return {
    sinceBootSeconds: uptimeSeconds(),
    trial,
    isClaimed: isClaimed(places) || isBeingClaimed,
    isSetUp: existsSync(join(places.runDir, 'set-up')),
    agentUpSeconds,
    isDataWritable: isWritable(places.agentData),
    hasAddress: ownAddresses().length > 0,
    isAcknowledged,
    isCloudOpen: isAcknowledged ? true : await canReachCloud(places),
  }
}

/** The part of the agent's status that matters here. */
const agentStatusSchema = z.object({
  connection: z.object({ isConnected: z.boolean() }),
  session: z.object({ connects: z.int() }),
})

/** The agent counts a connection when the cloud has acknowledged what it said first: that it is there, and who it is. */
function wasAcknowledged(places: Places): Promise<boolean> {
  return new Promise((resolve) => {
    const question = request(
      { socketPath: join(places.agentData, 'agent.sock'), path: '/status', timeout: ANSWER_DEADLINE_MS },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
          if (text.length > MAX_STATUS_CHARS) answer.destroy()
        })
        answer.once('error', () => resolve(false))
        answer.once('close', () => resolve(saysAcknowledged(text)))
      },
    )
    question.once('timeout', () => question.destroy())
    question.once('error', () => resolve(false))
    question.end()
  })
}

function saysAcknowledged(text: string): boolean {
  try {
    const parsed = agentStatusSchema.safeParse(JSON.parse(text))
    return parsed.success && (parsed.data.connection.isConnected || parsed.data.session.connects > 0)
  } catch {
    return false
  }
}

const uptimeSeconds = (): number => Number.parseFloat(readFileSync('/proc/uptime', 'utf8'))

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** How long the agent's present process has been up, by systemd. */
async function readAgentUp(): Promise<number | undefined> {
  const properties = ['-p', 'ActiveState', '-p', 'ActiveEnterTimestampMonotonic']
  const { stdout } = await runProgram('systemctl', ['show', 'proactive-agent.service', ...properties], {
    timeoutMs: PROGRAM_DEADLINE_MS,
  })
  if (!/^ActiveState=active$/m.test(stdout)) return undefined
  const sinceMicroseconds = Number(stdout.match(/^ActiveEnterTimestampMonotonic=(\d+)$/m)?.[1])
  return sinceMicroseconds > 0 ? uptimeSeconds() - sinceMicroseconds / 1e6 : undefined
}

/** A bare TCP connection to where the agent delivers, through the proxy where there is one: tells a dead internet from an agent that cannot talk. */
async function canReachCloud(places: Places): Promise<boolean | undefined> {
  const text = readText(join(places.agentData, 'identity', 'identity.json'))
  const address = text?.match(/"mqttUrl":\s*"mqtts?:\/\/(\[[^\]]+\]|[^:/"]+)(?::(\d+))?/)
  if (address === undefined || address === null) return undefined
  const [, host = '', port = '8883'] = address
  const target = { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
  const proxy = readSavedConfig(places)?.proxy
  if (proxy !== undefined) {
    return await openTunnel({ proxy, ...target, timeoutMs: CONNECT_DEADLINE_MS }).then(
      (tunnel) => {
        tunnel.destroy()
        return true
      },
      () => false,
    )
  }
  return await new Promise((resolve) => {
    const socket = connect(target)
    const finish = (isOpen: boolean) => {
      socket.destroy()
      resolve(isOpen)
    }
    socket.setTimeout(CONNECT_DEADLINE_MS, () => finish(false))
    socket.once('connect', () => finish(true))
    socket.once('error', () => finish(false))
  })
}
