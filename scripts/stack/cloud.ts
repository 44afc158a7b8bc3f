import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { names } from '../../test/lab/topology.ts'
import { runProgram } from '../process/run-program.ts'
import { programArgv } from './paths.ts'
import { type Service, type ServiceOptions, startService } from './service.ts'

/** The people of the demo, as `proactive-ingest seed-demo --json` tells them. */
const demoSchema = z.object({
  locationId: z.string(),
  users: z
    .array(z.object({ title: z.string(), sees: z.string(), email: z.string(), password: z.string() }))
    .min(1),
})
export type Demo = z.infer<typeof demoSchema>

export interface CloudOptions {
  readonly dataDir: string
  readonly logDir: string
  readonly webPort: number
  readonly mqttPort: number
  readonly enrollPort: number
  readonly helpdeskPort: number
  /** `http://127.0.0.1:…` of an InfluxDB, or undefined for the embedded store. */
  readonly influxUrl: string | undefined
  readonly profile: 'production' | 'lab'
  /** Fills the directory with the demo's Organizations, Users and Location. */
  readonly hasDemo: boolean
  /** Whether the demo's Location has a second way out. */
  readonly hasBackupUplink: boolean
  readonly env: NodeJS.ProcessEnv
  readonly onSpawned?: ServiceOptions['onSpawned']
}

export interface Cloud {
  readonly webUrl: string
  readonly mqttPort: number
  readonly enrollPort: number
  readonly demo: Demo | undefined
  readonly ingest: Service
  readonly helpdesk: Service
  /** Starts a part again after a kill, with the same data and ports. */
  restart(part: 'ingest' | 'helpdesk'): Promise<void>
  stop(): Promise<void>
}

/** Generous: a busy machine is no reason to give up. */
const readyTimeoutMs = 60_000

/** The cloud on this machine: helpdesk and ingest as processes of their own, all on loopback. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const data = (program: string) => join(options.dataDir, program)
  mkdirSync(data('ingest'), { recursive: true, mode: 0o700 })
  mkdirSync(data('helpdesk'), { recursive: true, mode: 0o700 })
  const ingestEnv: NodeJS.ProcessEnv = {
    ...options.env,
    PROACTIVE_DATA: data('ingest'),
    PROACTIVE_ENV: options.profile === 'lab' ? 'lab' : options.env.PROACTIVE_ENV || 'dev',
    PROACTIVE_PROFILE: options.profile,
    PROACTIVE_WEB_PORT: String(options.webPort),
    PROACTIVE_MQTT_PORT: String(options.mqttPort),
    PROACTIVE_ENROLL_PORT: String(options.enrollPort),
    ...(options.influxUrl === undefined ? {} : { PROACTIVE_INFLUX_URL: options.influxUrl }),
    ...(options.hasDemo
      ? {
          PROACTIVE_PUBLIC_HOSTS: `${names.cloud},localhost,127.0.0.1`,
          PROACTIVE_ENROLL_URL: `https://${names.cloud}:8443`,
          PROACTIVE_MQTT_URL: `mqtts://${names.cloud}:8883`,
        }
      : {}),
  }
  const startHelpdesk = (port: number) =>
    startService({
      name: 'helpdesk',
      argv: programArgv('helpdesk', 'run'),
      env: {
        ...options.env,
        PROACTIVE_DATA: data('helpdesk'),
        PROACTIVE_HELPDESK_PORT: String(port),
        PROACTIVE_ACTOR_PUBLIC_KEY_FILE: join(data('ingest'), 'keys', 'actor.pub.pem'),
      },
      logFile: join(options.logDir, 'helpdesk.log'),
      readyTimeoutMs,
      onSpawned: options.onSpawned,
    })
  const startIngest = (helpdeskUrl: string, ports: Record<string, string> = {}) =>
    startService({
      name: 'ingest',
      argv: programArgv('ingest', 'run'),
      env: { ...ingestEnv, ...ports, PROACTIVE_HELPDESK_URL: helpdeskUrl },
      logFile: join(options.logDir, 'ingest.log'),
      readyTimeoutMs,
      onSpawned: options.onSpawned,
    })

  // Started first: it waits for the key that the next step makes, and is up by the time the ingest needs it.
  const helpdeskStarting = startHelpdesk(options.helpdeskPort)
  const {
    demo,
    ingest: firstIngest,
    helpdesk: firstHelpdesk,
  } = await prepare().catch(async (error: unknown) => {
    await helpdeskStarting.then(
      (service) => service.stop(),
      () => undefined,
    )
    throw error
  })

  async function prepare() {
    const seeded = options.hasDemo
      ? await seedDemo(ingestEnv, options.hasBackupUplink)
      : await migrate(ingestEnv)
    const started = await helpdeskStarting
    return { demo: seeded, helpdesk: started, ingest: await startIngest(addressOf(started, 'url')) }
  }

  let ingest = firstIngest
  let helpdesk = firstHelpdesk
  const helpdeskUrl = addressOf(helpdesk, 'url')
  const webUrl = addressOf(ingest, 'web')
  const ports = {
    PROACTIVE_WEB_PORT: new URL(webUrl).port || '80',
    PROACTIVE_MQTT_PORT: String(portOf(addressOf(ingest, 'mqtt'))),
    PROACTIVE_ENROLL_PORT: String(portOf(addressOf(ingest, 'enroll'))),
  }
  return {
    webUrl,
    mqttPort: Number(ports.PROACTIVE_MQTT_PORT),
    enrollPort: Number(ports.PROACTIVE_ENROLL_PORT),
    demo,
    get ingest() {
      return ingest
    },
    get helpdesk() {
      return helpdesk
    },
    restart: async (part) => {
      if (part === 'ingest') ingest = await startIngest(helpdeskUrl, ports)
      else helpdesk = await startHelpdesk(Number(new URL(helpdeskUrl).port))
    },
    stop: async () => {
      await ingest.stop()
      await helpdesk.stop()
    },
  }
}

/** Makes the demo's directory, idempotently, with new random passwords; they are shown once and stored only as hashes. */
async function seedDemo(env: NodeJS.ProcessEnv, hasBackupUplink: boolean): Promise<Demo> {
  const flags = hasBackupUplink ? ['--json', '--backup-uplink'] : ['--json']
  const [node, ...args] = programArgv('ingest', 'seed-demo', ...flags)
  const result = await runProgram(node, args, { timeoutMs: readyTimeoutMs, env })
  if (result.code !== 0)
    throw new Error(`the demo's directory could not be made: ${result.stderr.trim().split('\n').at(-1)}`)
  return demoSchema.parse(JSON.parse(result.stdout))
}

async function migrate(env: NodeJS.ProcessEnv): Promise<undefined> {
  const [node, ...args] = programArgv('ingest', 'migrate')
  const result = await runProgram(node, args, { timeoutMs: readyTimeoutMs, env })
  if (result.code !== 0)
    throw new Error(`the database could not be prepared: ${result.stderr.trim().split('\n').at(-1)}`)
}

function addressOf(service: Service, name: string): string {
  const address = service.addresses.get(name)
  if (address === undefined) throw new Error(`${service.name} did not say where its ${name} listens`)
  return address
}

function portOf(hostAndPort: string): number {
  return Number(hostAndPort.slice(hostAndPort.lastIndexOf(':') + 1))
}
