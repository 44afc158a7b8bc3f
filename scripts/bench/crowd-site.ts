import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readStatusSocket } from '../../agent/src/adapters/status-socket.ts'
import type { AgentStatus } from '../../agent/src/index.ts'
import { startTestBroker, type TestBroker } from '../../agent/src/testing/test-broker.ts'
import { bundleProgram } from '../../firmware-image/src/root/programs.ts'
import { startCloudForwarder } from '../../test/lab/forwarder.ts'
import { writeIdentity } from '../../test/lab/identity.ts'
import type { InternetConfig } from '../../test/lab/services.ts'
import { addresses, names } from '../../test/lab/topology.ts'
import { projectRoot } from '../setup/project-root.ts'
import { type Crowd, startCrowd } from './crowd.ts'

/** A shop of many devices with its router, an internet, and a cloud, for measuring the agent as it is shipped. */
export interface CrowdSite {
  readonly crowd: Crowd
  /** Starts the bundled agent on a data folder of its own, with a cloud of its own. */
  startAgent(name: string, settings: Readonly<Record<string, unknown>>): Promise<SiteAgent>
  stop(): Promise<void>
}

export interface SiteAgent {
  readonly pid: number
  readonly broker: TestBroker
  status(): Promise<AgentStatus | undefined>
  stop(): Promise<void>
}

/** How the appliance starts the agent: flags and environment of its unit, so that what is measured is what is shipped. */
export function readUnit(): {
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
} {
  const unit = readFileSync(
    join(projectRoot, 'firmware-image/overlay/common/etc/systemd/system/proactive-agent.service'),
    'utf8',
  )
  const words = (key: string) => new RegExp(`^${key}=(.+)$`, 'm').exec(unit)?.[1]?.split(' ') ?? []
  return {
    flags: words('ExecStart').filter((word) => word.startsWith('--') && !word.startsWith('--import')),
    env: Object.fromEntries(words('Environment').map((word) => word.split('=', 2))),
  }
}

const internetHosts = [...addresses.targets, addresses.processor, addresses.cloud, addresses.dns]
const readyMs = 10_000

/** Settings that a shop's agent would have here; `networks` and devices are up to the benchmark. */
export function shopSettings({ crowd }: Pick<CrowdSite, 'crowd'>): Record<string, unknown> {
  const [router = ''] = crowd.ips
  return {
    uplinks: [
      { id: 'primary', interface: crowd.interface, localAddress: crowd.applianceIp, gateway: router },
    ],
    internetTargets: addresses.targets,
    dnsNames: [names.processor],
    payPaths: [{ id: 'pay', name: 'Processor', host: names.processor, port: 443, deviceIds: [] }],
    snmpCommunity: 'public',
    isClockTrusted: true,
    logLevel: 'warn',
  }
}

export async function startCrowdSite(options: {
  readonly devices: number
  readonly macPrefix: string
  readonly workDir: string
}): Promise<CrowdSite> {
  const { workDir } = options
  const crowd = await startCrowd({ ...options, behind: internetHosts })
  const undo: (() => Promise<unknown>)[] = [() => crowd.stop()]
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  const service = async (argv: readonly string[], ready: RegExp) => {
    const child = crowd.among(argv)
    undo.push(() => ended(child))
    await says(child, ready, argv[0] ?? '')
  }
  const socketOf = (name: string) => join(workDir, `${name}.sock`)
  const shipped = readUnit()
  let agents = 0
  try {
    const [router = ''] = crowd.ips
    await service(
      [
        ...['dnsmasq', '--keep-in-foreground', '--log-facility=-', '--conf-file=/dev/null', '--pid-file='],
        ...[
          '--user=root',
          '--group=',
          `--listen-address=${router}`,
          '--bind-interfaces',
          '--no-resolv',
          '--no-hosts',
        ],
        `--host-record=${names.processor},${addresses.processor}`,
        `--host-record=${names.cloud},${addresses.cloud}`,
      ],
      /started, version/,
    )
    const snmpFile = join(workDir, 'snmpd.conf')
    writeFileSync(
      snmpFile,
      `sysDescr RouterOS RB750Gr3\nsysObjectID .1.3.6.1.4.1.14988.1\nrocommunity public ${crowd.network}\nagentaddress udp:${router}:161\ndontLogTCPWrappersConnects yes\n`,
    )
    await service(
      ['env', 'MIBS=', `SNMP_PERSISTENT_DIR=${workDir}`, 'snmpd', '-f', '-Lo', '-r', '-C', '-c', snmpFile],
      /NET-SNMP version/,
    )
    const internet: InternetConfig = {
      processorAddress: addresses.processor,
      processorName: names.processor,
      targetAddresses: addresses.targets,
      cloudAddress: addresses.cloud,
      mqttSocket: socketOf('agent-1'),
      enrollSocket: socketOf('enroll'),
      caFile: join(workDir, 'processor-ca.pem'),
    }
    await service(
      [process.execPath, join(projectRoot, 'test/lab/internet.ts'), JSON.stringify(internet)],
      /^ready/m,
    )
    await bundleProgram(projectRoot, 'agent/src/main.ts', join(workDir, 'bundle'), 'agent')
  } catch (error) {
    await stop()
    throw error
  }

  return {
    crowd,
    async startAgent(name, settings) {
      const broker = await startTestBroker({ ackDelayMs: 5, host: names.cloud })
      const stops: (() => Promise<unknown>)[] = [() => broker.stop()]
      agents++
      // The first agent's cloud lies behind the internet; another one's is on loopback, so that they do not disturb each other.
      const isFirst = agents === 1
      if (isFirst) {
        const forwarder = await startCloudForwarder({
          socketPath: socketOf('agent-1'),
          host: '127.0.0.1',
          port: broker.port,
        })
        stops.push(() => forwarder.stop())
      }
      const dataDir = join(workDir, name)
      mkdirSync(dataDir, { mode: 0o700 })
      writeIdentity(
        join(dataDir, 'identity'),
        broker,
        isFirst ? `mqtts://${names.cloud}:8883` : broker.identity.mqttUrl,
      )
      writeFileSync(join(dataDir, 'agent.json'), JSON.stringify(settings), { mode: 0o600 })
      const child = spawn(process.execPath, [...shipped.flags, join(workDir, 'bundle/agent.mjs'), 'run'], {
        env: { ...shipped.env, PATH: process.env.PATH ?? '', PROACTIVE_DATA: dataDir },
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      stops.push(() => ended(child))
      const stopAgent = async () => {
        for (const step of stops.splice(0).reverse()) await step()
      }
      undo.push(stopAgent)
      return {
        pid: child.pid ?? 0,
        broker,
        async status() {
          const text = await readStatusSocket(join(dataDir, 'agent.sock'), '/status')
          return text === undefined || text === '{}' ? undefined : (JSON.parse(text) as AgentStatus)
        },
        stop: stopAgent,
      }
    },
    stop,
  }
}

/** Ends a child and waits until it has. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const over = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
  await over
  clearTimeout(timer)
}

/** @throws Error when the program ends or says nothing of the kind in time. */
function says(child: ChildProcess, ready: RegExp, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    const timer = setTimeout(() => reject(new Error(`${name} is not ready: ${said.slice(-300)}`)), readyMs)
    const hear = (chunk: Buffer) => {
      if (ready.test(said)) return
      said = (said + chunk.toString()).slice(-4_000)
      if (!ready.test(said)) return
      clearTimeout(timer)
      resolve()
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('exit', () => {
      clearTimeout(timer)
      reject(new Error(`${name} ended: ${said.slice(-300)}`))
    })
  })
}
