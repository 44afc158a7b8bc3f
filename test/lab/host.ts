/**
 * The lab's own process: first of its namespaces, so that everything ends with it. Talks JSON lines with the program
 * that started it, on standard input and output, and ends when that program does. Started by `startLab` only.
 */
import { chmod, lstat, mkdir, readlink, rm, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { inNodeWithSys, mustRun, runCommand } from './command.ts'
import { effectsOf } from './effects.ts'
import { createFaultBoard } from './fault-board.ts'
import { createGuests } from './guests.ts'
import { createLocation } from './location.ts'
import {
  type HostLine,
  hostConfigSchema,
  type LabEvent,
  type LabRequest,
  requestLineSchema,
} from './protocol.ts'
import { createServices, dhcpScript, snmpConfiguration, workFolder } from './services.ts'
import { addresses, createTopology, names } from './topology.ts'

// Before anything else: whoever started this lab is gone, so it goes too.
process.stdin.on('close', () => process.exit(0))
process.stdin.on('end', () => process.exit(0))
process.stdout.on('error', () => process.exit(0))

const startedMs = performance.now()
const config = hostConfigSchema.parse(JSON.parse(process.argv[2] ?? ''))
const logFolder = resolve(config.dataDir, 'logs', 'services')
const say = (line: HostLine) => void process.stdout.write(`${JSON.stringify(line)}\n`)
const tell = (event: LabEvent) => say({ kind: 'event', event })
const log = (line: string) => console.error(line)

const guests = createGuests({ onExit: (name, exit) => tell({ kind: 'exited', name, exit }) })
const initial = effectsOf([])
const location = createLocation({
  topology: createTopology({ hasBackupUplink: config.hasBackupUplink }),
  services: createServices({ logFolder }),
  internet: {
    processorAddress: addresses.processor,
    processorName: names.processor,
    targetAddresses: addresses.targets,
    cloudAddress: addresses.cloud,
    mqttSocket: config.mqttSocket,
    enrollSocket: config.enrollSocket,
    caFile: resolve(config.dataDir, 'processor-ca.pem'),
  },
  initial,
  roamMs: config.roamMs,
  onPower: async (node, isOn) => {
    await guests.powerChanged(node, isOn)
    tell({ kind: 'power', node, isOn })
  },
  log,
})
const board = createFaultBoard({
  apply: location.apply,
  durationMs: ({ name }) =>
    name === 'router-reboot' ? config.rebootMs : name === 'pos-restart' ? config.restartMs : undefined,
  onPassed: ({ name, argument }) => tell({ kind: 'passed', name, argument }),
  onFailed: (cause) => log(`the lab could not end a fault: ${String(cause)}`),
  nowMs: Date.now,
})

async function answer(request: LabRequest): Promise<unknown> {
  switch (request.op) {
    case 'status':
      return {
        nodes: location.nodes().map(({ name, role, mac }) => ({
          name,
          role,
          mac,
          address: location.addressOf(name) ?? null,
          isOn: location.isOn(name),
          isAsleep: board.list().some((fault) => fault.name === 'pos-sleep' && fault.argument === name),
        })),
        faults: board.list(),
        processes: guests.list(),
      }
    case 'fault':
      return board.inject(request.name, request.args)
    case 'heal':
      return board.heal(request.name, request.args)
    case 'spawn': {
      requireNode(request.node)
      const { node, argv, env, cwd, logFile } = request
      await guests.start(request.name, { node, argv, env, cwd, logFile })
      return null
    }
    case 'kill':
      guests.signal(request.name, request.signal as NodeJS.Signals)
      return null
    case 'exec':
      requireNode(request.node)
      return runCommand(inNodeWithSys(request.node, request.argv), { deadlineMs: request.timeoutMs })
  }
}

async function handle(line: string): Promise<void> {
  const { id, request } = requestLineSchema.parse(JSON.parse(line))
  try {
    say({ kind: 'reply', id, value: await answer(request) })
  } catch (cause) {
    say({ kind: 'refusal', id, reason: cause instanceof Error ? cause.message : String(cause) })
  }
}

function requireNode(name: string): void {
  const nodes = location.nodes()
  if (!nodes.some((node) => node.name === name)) {
    throw new Error(`there is no node "${name}"; choose one of ${nodes.map((node) => node.name).join(', ')}`)
  }
  if (!location.isOn(name)) throw new Error(`${name} has no power`)
}

/** A private `/run` (named namespaces live there) with the lab's working files, and the Location's resolver. */
async function prepareFiles(): Promise<void> {
  await mustRun(['mount', '-t', 'tmpfs', 'tmpfs', '/run'])
  await mkdir(`${workFolder}/snmp`, { recursive: true })
  await rm(logFolder, { recursive: true, force: true })
  await mkdir(logFolder, { recursive: true })
  await writeFile(`${workFolder}/dhcp-script`, dhcpScript)
  await chmod(`${workFolder}/dhcp-script`, 0o755)
  await writeFile(`${workFolder}/snmpd.conf`, snmpConfiguration)
  await writeFile(`${workFolder}/resolv.conf`, `nameserver ${addresses.router}\n`)
  await useResolver(`${workFolder}/resolv.conf`)
}

async function useResolver(file: string): Promise<void> {
  const standard = '/etc/resolv.conf'
  const entry = await lstat(standard).catch(() => undefined)
  if (entry === undefined) return
  const target = entry.isSymbolicLink() ? resolve('/etc', await readlink(standard)) : standard
  if (target.startsWith('/run/') || target.startsWith('/var/run/')) {
    // Its target went out of sight with the machine's own /run: make one in its place.
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, `nameserver ${addresses.router}\n`)
  } else {
    await mustRun(['mount', '--bind', file, standard])
  }
}

try {
  await prepareFiles()
  const filesMs = Math.round(performance.now() - startedMs)
  const stages = await location.build()
  createInterface({ input: process.stdin }).on('line', (line) => void handle(line))
  say({ kind: 'ready', stages: { files: filesMs, ...Object.fromEntries(stages) } })
} catch (cause) {
  say({ kind: 'failed', reason: cause instanceof Error ? cause.message : String(cause) })
  process.stdout.end(() => process.exit(1))
}
