import './small-heap.ts'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { exitCodes, ProactiveError, UsageError } from '@proactive/shared'
import { CommanderError } from 'commander'
import { openIdentityStore } from './adapters/identity-store.ts'
import { hasProgram } from './adapters/fping.ts'
import { createIpLan } from './adapters/ip-lan.ts'
import { createLog } from './adapters/pino-log.ts'
import { createMetrics } from './adapters/prometheus.ts'
import { createServiceManager } from './adapters/service-manager.ts'
import { readStatusSocket, startStatusSocket } from './adapters/status-socket.ts'
import { type Agent, createAgent } from './agent.ts'
import { createCli } from './cli.ts'
import type { Finding } from './doctor.ts'
import { type LanInterface, silentLog } from './ports/index.ts'
import { realLan, realWorld } from './real-world.ts'
import { startRenewal } from './renewal.ts'
import { type Installation, loadInstallation } from './settings/load-settings.ts'
import { parseSettings } from './settings/settings.ts'

/**
 * Composition root of the agent: command line in, exit code out. Data goes to stdout, logs to stderr.
 * What only some commands need is loaded by them: the running agent must stay small.
 */
const print = (text: string) => void process.stdout.write(`${text}\n`)
const complain = (text: string) => void process.stderr.write(`${text}\n`)
/** The image's service manager kills after 20 s (`DefaultTimeoutStopSec=`); what the agent does at its end takes 3 s and, for the goodbye, 3 s more. */
const mostStopMs = 12_000
const socketOf = (dataDir: string) => join(dataDir, 'agent.sock')

async function run(options: { config?: string; once: boolean; configCheck: boolean }): Promise<number> {
  const installation = loadInstallation(process.env, options.config)
  if (options.configCheck) {
    print(`${installation.settingsFile}: the settings are fine.`)
    return exitCodes.ok
  }
  if (options.once) return scan({ ...options, json: false })
  complainWithoutFping()
  const log = createLog(installation.settings.logLevel)
  const { dataDir } = installation
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  let agent: Agent | undefined
  let metrics = () => Promise.resolve('')
  // First of all: the socket also tells that no other agent works on this folder.
  const stopSocket = await startStatusSocket({
    path: socketOf(dataDir),
    status: () => agent?.status(),
    metrics: () => metrics(),
  })
  try {
    const deps = realWorld(installation, log, process.env)
    const running = createAgent(deps)
    agent = running
    metrics = createMetrics(
      () => running.status(),
      () => deps.health.read(),
    )
    const stopRenewal = startRenewal(openIdentityStore(dataDir), log, () => deps.scheduler.nowMs(), {
      proxy: installation.settings.proxy,
    })
    const stopped = new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const)
        process.once(signal, () => {
          void running.stop('shutdown').finally(resolve)
          setTimeout(() => {
            log.error({ afterMs: mostStopMs }, 'stopping takes too long; it ends as it is')
            resolve()
          }, mostStopMs)
        })
    })
    const manager = createServiceManager(process.env, log)
    // Who is told to stop while a network is being looked at does not wait for the answer.
    await Promise.race([running.start(), stopped])
    // From here on it watches; the cloud may be out of reach, and that is no reason to begin anew.
    manager.ready()
    const stopPulse = manager.startPulse(() => running.stuck())
    await stopped
    stopPulse()
    stopRenewal()
  } finally {
    await stopSocket()
  }
  return exitCodes.ok
}

async function scan(options: { config?: string; json: boolean; network?: string[] }): Promise<number> {
  const installation = withNetworks(loadInstallation(process.env, options.config), options.network)
  if (installation.settings.networks.length === 0)
    throw new UsageError(
      `No networks are set in ${installation.settingsFile}: name one as --network 192.168.1.0/24, or in the settings as {"networks": ["192.168.1.0/24"]}.`,
    )
  complainWithoutFping()
  const { deviceTable, scanOnce } = await import('./scan.ts')
  const progress = options.json ? () => undefined : complain
  const { devices } = await scanOnce(realLan(installation, createLog('error'), process.env), progress)
  print(options.json ? JSON.stringify({ devices }) : deviceTable(devices))
  return exitCodes.ok
}

/** Networks named on the command line stand for those of the settings. */
function withNetworks(installation: Installation, networks: readonly string[] | undefined): Installation {
  if (networks === undefined) return installation
  const settings = parseSettings(JSON.stringify({ networks }), '--network')
  return { ...installation, settings: { ...installation.settings, networks: settings.networks } }
}

function complainWithoutFping(): void {
  if (!hasProgram('fping', process.env.PATH))
    complain(
      'fping is missing: round-trip times and the internet checks are missing; install the package fping.',
    )
}

async function doctor(options: { config?: string; json: boolean; offline: boolean }): Promise<number> {
  const installation = loadInstallation(process.env, options.config)
  const interfaces = await createIpLan(silentLog)
    .interfaces()
    .catch(() => [])
  const { examine } = await import('./doctor.ts')
  const { examineBoard } = await import('./doctor-board.ts')
  const { readBoard } = await import('./adapters/board.ts')
  const findings = [...examine(installation, interfaces, process.env), ...examineBoard(readBoard())]
  if (!options.offline) findings.push(...(await reachFindings(installation, interfaces)))
  if (options.json) print(JSON.stringify({ findings }))
  else for (const { state, check, sentence } of findings) print(`${state.padEnd(4)}  ${check}: ${sentence}`)
  if (findings.some(({ state }) => state === 'fail')) return exitCodes.failed
  return findings.some(({ state }) => state === 'warn') ? exitCodes.degraded : exitCodes.ok
}

async function reachFindings(
  installation: Installation,
  interfaces: readonly LanInterface[],
): Promise<readonly Finding[]> {
  const { examineReach } = await import('./doctor-reach.ts')
  const { echo, resolver, snmp } = realLan(installation, silentLog, process.env)
  const { snmpCommunity: community = '' } = installation
  const { snmpV3 } = installation.settings
  const hasAccess = community !== '' || snmpV3 !== undefined
  const access = { community, ...(snmpV3 === undefined ? {} : { v3: snmpV3 }) }
  return examineReach(installation, interfaces, {
    ...{ echo, resolver, snmp },
    snmpAccess: hasAccess ? access : undefined,
  })
}

async function status({ json }: { json: boolean }): Promise<number> {
  const { dataDir } = loadInstallation(process.env)
  const text = await readStatusSocket(socketOf(dataDir), '/status')
  if (text === undefined) {
    complain(`No agent is running on ${dataDir}: start one with "proactive-agent run".`)
    return exitCodes.failed
  }
  const { statusText } = await import('./status-text.ts')
  print(json ? text : statusText(JSON.parse(text)))
  return exitCodes.ok
}

// Identity, spool and socket are nobody else's business.
process.umask(0o077)

const cli = createCli(
  {
    run,
    scan,
    doctor,
    status,
    async completion(shell) {
      const { completionScript, shells } = await import('./completion.ts')
      const wanted = shells.find((one) => one === shell)
      if (wanted === undefined)
        throw new UsageError(`There is no completion for "${shell}": choose one of ${shells.join(', ')}.`)
      print(completionScript(cli, wanted))
      return exitCodes.ok
    },
    async claim(bundle, { json }) {
      const { dataDir, settings } = loadInstallation(process.env)
      const { claim } = await import('./claim.ts')
      const { identity, isNew } = await claim(dataDir, bundle, { proxy: settings.proxy })
      const { applianceId, locationId } = identity
      if (json) print(JSON.stringify({ applianceId, locationId, isNew }))
      else if (isNew)
        print(
          `This machine is appliance ${applianceId} of Location ${locationId} now. Start it with: proactive-agent run`,
        )
      else
        print(
          `This claim was used already: this machine is appliance ${applianceId} of Location ${locationId}.`,
        )
      return exitCodes.ok
    },
  },
  (code) => {
    process.exitCode = code
  },
)
cli.exitOverride()
for (const command of cli.commands) command.exitOverride()

try {
  await cli.parseAsync()
  process.exit(process.exitCode)
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage)
  if (!(error instanceof ProactiveError)) throw error
  complain(error.message)
  process.exit(error.code === 'usage' ? exitCodes.usage : exitCodes.failed)
}
