import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { CommandOutput } from './command.ts'
import type { FaultResult } from './faults.ts'
import { isLabPossible, labEnvironment, unshareFlags } from './possible.ts'
import type { Exit } from './program.ts'
import {
  execResultSchema,
  faultResultSchema,
  type HostConfig,
  type HostLine,
  hostLineSchema,
  type LabEvent,
  type LabRequest,
  labRequestSchema,
  type LabStatus,
  labStatusSchema,
} from './protocol.ts'
import { createTopology } from './topology.ts'

export { faultCatalog, type FaultName, type FaultResult } from './faults.ts'
export { type CloudForwarder, startCloudForwarder } from './forwarder.ts'
export { isLabPossible } from './possible.ts'
export type { LabEvent, LabStatus } from './protocol.ts'
export { addresses, names } from './topology.ts'

export interface LabOptions {
  /** Folder for logs and `processor-ca.pem`; made when missing; not under `/run`, which the lab replaces. */
  readonly dataDir: string
  /** Gives the appliance a second way out, `wan1`, independent of the router. */
  readonly backupUplink?: boolean
  /** Unix sockets outside the lab that serve the cloud's ports 8883 and 8443; they may appear later. */
  readonly cloud: { readonly mqttSocket: string; readonly enrollSocket: string }
  /** Folder with dnsmasq, nft, snmpd, busybox …; looked through before PATH. */
  readonly toolsPath?: string
  readonly log?: (line: string) => void
  /** Power lost and got, passing faults that ended, programs that ended. */
  readonly onEvent?: (event: LabEvent) => void
  /** How long `router-reboot` (15), `pos-restart` (8) and the gap of `roam` (2) last. */
  readonly seconds?: { readonly reboot?: number; readonly restart?: number; readonly roam?: number }
}

/** A virtual Location in namespaces of its own; made by `startLab`. */
export interface Lab {
  /** Names for `spawn` and `exec`; `new-device` and `ip-conflict` add more while they last. */
  readonly nodes: readonly string[]
  /** How long the start took, in ms: as a whole and by stage. */
  readonly startedInMs: number
  readonly stages: Readonly<Record<string, number>>
  /** Resolves when the lab has ended, asked or not. */
  readonly ended: Promise<void>
  status(): Promise<LabStatus>
  /** Resolves once it is in force; an unknown fault or argument is a value with a sentence that lists the choices. */
  fault(name: string, args?: readonly string[]): Promise<FaultResult>
  /** Resolves once it is mended; `all` mends everything. */
  heal(name: string, args?: readonly string[]): Promise<FaultResult>
  /** Starts a program inside a node. A power cut kills it, and `heal` starts it again. */
  spawn(node: string, name: string, argv: readonly string[], options?: SpawnOptions): Promise<LabProcess>
  /** Runs a program inside a node to its end; code 124 when it took longer than `timeoutMs` (10 000). */
  exec(node: string, argv: readonly string[], timeoutMs?: number): Promise<CommandOutput>
  /** Takes all of it away; safe to call twice. */
  stop(): Promise<void>
}

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Default: `<dataDir>/logs/<name>.log`. Appended to. */
  readonly logFile?: string
}

export interface LabProcess {
  readonly name: string
  /** @throws Error when it has ended. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Resolves when the program ended by itself or was killed; a power cut does not count, as `heal` starts it again. */
  readonly exited: Promise<Exit>
}

const startDeadlineMs = 20_000
const answerDeadlineMs = 60_000
const stopDeadlineMs = 3_000

/**
 * Starts a virtual Location: router, switch, terminals, printer, office PC, the appliance on the router's LAN port, the
 * provider, and the internet behind it, each a network namespace, connected by virtual cables, fed by a real DHCP
 * server. Nothing of it can reach the machine's own network; the way to the cloud is the two unix sockets.
 *
 * Everything belongs to one child process and ends with it: when `stop` is called, when this process ends however it
 * ends, or when the child is killed. Labs do not see each other.
 *
 * The appliance chooses an uplink by the address it binds: what leaves from `addresses.appliance` goes by the router,
 * from `addresses.applianceBackup` by the second uplink, or not at all. Unbound, the router is preferred while `eth0` has
 * carrier. `addresses.dns` answers on both ways.
 *
 * @throws Error with the reason when the machine cannot run it or a part does not start.
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { backupUplink = false, log = () => undefined, onEvent = () => undefined, seconds = {} } = options
  const startMs = performance.now()
  const dataDir = resolve(options.dataDir)
  if (/^(\/var)?\/run(\/|$)/.test(dataDir))
    throw new Error(`the lab's data folder may not lie under /run: ${dataDir}`)
  await mkdir(dataDir, { recursive: true })
  const config: HostConfig = {
    dataDir,
    hasBackupUplink: backupUplink,
    mqttSocket: resolve(options.cloud.mqttSocket),
    enrollSocket: resolve(options.cloud.enrollSocket),
    rebootMs: Math.round((seconds.reboot ?? 15) * 1_000),
    restartMs: Math.round((seconds.restart ?? 8) * 1_000),
    roamMs: Math.round((seconds.roam ?? 2) * 1_000),
  }
  const host = fileURLToPath(new URL('host.ts', import.meta.url))
  // A shell is the first process, for the one thing it is good at here: it buries orphans.
  const firstProcess = ['sh', '-c', '"$@"; exit $?', 'sh', process.execPath, host, JSON.stringify(config)]
  const child = spawn('unshare', [...unshareFlags(), ...firstProcess], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Its own process group: Ctrl-C in a terminal is the starter's to answer, by an orderly stop.
    detached: true,
    env: labEnvironment(options.toolsPath),
  })
  child.stdin.on('error', () => undefined)
  createInterface({ input: child.stderr }).on('line', log)
  const ended = new Promise<void>((done) => {
    child.once('error', () => done())
    child.once('close', () => done())
  })
  let isOver = false
  void ended.then(() => {
    isOver = true
  })

  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (reason: Error) => void }>()
  const exitByProcess = new Map<string, (exit: Exit) => void>()
  let lastId = 0
  const ready = new Promise<Readonly<Record<string, number>>>((resolveReady, rejectReady) => {
    const timer = setTimeout(() => rejectReady(new Error('the lab took too long to start')), startDeadlineMs)
    void ended.then(() => {
      clearTimeout(timer)
      rejectReady(new Error('the lab ended while it started'))
    })
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = readLine(text)
      if (line === undefined) {
        log(`the lab said something that makes no sense, so it is ended: ${text.slice(0, 200)}`)
        child.kill('SIGKILL')
      } else if (line.kind === 'ready') {
        clearTimeout(timer)
        resolveReady(line.stages)
      } else if (line.kind === 'failed') {
        rejectReady(new Error(`the lab could not start: ${line.reason}`))
      } else if (line.kind === 'event') {
        if (line.event.kind === 'exited') {
          exitByProcess.get(line.event.name)?.(line.event.exit)
          exitByProcess.delete(line.event.name)
        }
        onEvent(line.event)
      } else {
        const request = waiting.get(line.id)
        if (line.kind === 'reply') request?.resolve(line.value)
        else request?.reject(new Error(line.reason))
      }
    })
  })

  async function ask<T>(
    request: LabRequest,
    schema: z.ZodType<T>,
    deadlineMs = answerDeadlineMs,
  ): Promise<T> {
    const checked = labRequestSchema.parse(request)
    if (isOver) throw new Error('the lab has ended')
    const id = ++lastId
    const answer = new Promise<unknown>((resolveAnswer, reject) => {
      waiting.set(id, { resolve: resolveAnswer, reject })
      child.stdin.write(`${JSON.stringify({ id, request: checked })}\n`)
    })
    const timer = setTimeout(
      () => waiting.get(id)?.reject(new Error(`the lab took too long to ${request.op}`)),
      deadlineMs,
    )
    try {
      return schema.parse(await answer)
    } finally {
      clearTimeout(timer)
      waiting.delete(id)
    }
  }
  void ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error('the lab has ended'))
    for (const exit of exitByProcess.values()) exit({ code: null, signal: 'SIGKILL' })
  })

  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= (async () => {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs)
      await ended
      clearTimeout(timer)
    })()
    return stopping
  }

  const stages = await ready.catch(async (cause: unknown) => {
    await stop()
    const verdict = await isLabPossible(options.toolsPath)
    throw verdict.possible ? cause : new Error(`the lab is not possible here: ${verdict.reason}`, { cause })
  })

  return {
    nodes: createTopology({ hasBackupUplink: backupUplink }).nodes.map((node) => node.name),
    startedInMs: Math.round(performance.now() - startMs),
    stages,
    ended,
    status: () => ask({ op: 'status' }, labStatusSchema),
    fault: (name, args = []) => ask({ op: 'fault', name, args: [...args] }, faultResultSchema),
    heal: (name, args = []) => ask({ op: 'heal', name, args: [...args] }, faultResultSchema),
    async spawn(node, name, argv, { env = {}, cwd = process.cwd(), logFile } = {}) {
      if (exitByProcess.has(name)) throw new Error(`a program named ${name} is running already`)
      const exited = new Promise<Exit>((resolveExit) => exitByProcess.set(name, resolveExit))
      const file = resolve(logFile ?? `${dataDir}/logs/${name}.log`)
      try {
        await ask(
          { op: 'spawn', node, name, argv: [...argv], env: { ...env }, cwd, logFile: file },
          z.unknown(),
        )
      } catch (cause) {
        exitByProcess.delete(name)
        throw cause
      }
      const kill = async (signal: NodeJS.Signals) =>
        void (await ask({ op: 'kill', name, signal }, z.unknown()))
      return { name, exited, kill }
    },
    exec: (node, argv, timeoutMs = 10_000) =>
      ask({ op: 'exec', node, argv: [...argv], timeoutMs }, execResultSchema, timeoutMs + answerDeadlineMs),
    stop,
  }
}

function readLine(text: string): HostLine | undefined {
  try {
    return hostLineSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
