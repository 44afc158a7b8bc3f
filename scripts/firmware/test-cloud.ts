import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocationDetail } from '@proactive/shared/http'
import { z } from 'zod'
import { GUEST_NEIGHBOR } from '../../firmware-image/src/machine/arm64.ts'
import { runProgram } from '../process/run-program.ts'
import { type CloudClient, logIn } from '../stack/cloud-client.ts'
import { programArgv } from '../stack/paths.ts'
import { startService } from '../stack/service.ts'

const READY_DEADLINE_MS = 60_000

const seededSchema = z.object({
  locationId: z.string(),
  users: z.array(z.object({ email: z.string(), password: z.string() })).min(1),
})

/** The real ingest on this machine's loopback, known to a guest as 10.0.2.100. */
export interface TestCloud {
  /** What a guest's network has to lead to. */
  readonly forwards: readonly { readonly guestPort: number; readonly hostPort: number }[]
  /** A new claim as a technician sees it. */
  createClaim(): Promise<string>
  location(): Promise<LocationDetail>
  stop(): Promise<void>
}

const running = new Set<() => Promise<void>>()

/** For a run that is interrupted: no cloud outlives it. */
export const stopTestClouds = async (): Promise<void> => {
  await Promise.allSettled([...running].map((stop) => stop()))
}

export async function startTestCloud(): Promise<TestCloud> {
  const folder = mkdtempSync(join(tmpdir(), 'proactive-cloud-'))
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir, { mode: 0o700 })
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PROACTIVE_DATA: dataDir,
    PROACTIVE_ENV: 'lab',
    PROACTIVE_PROFILE: 'lab',
    PROACTIVE_WEB_PORT: '0',
    PROACTIVE_MQTT_PORT: '0',
    PROACTIVE_ENROLL_PORT: '0',
    PROACTIVE_PUBLIC_HOSTS: `${GUEST_NEIGHBOR},127.0.0.1`,
    PROACTIVE_ENROLL_URL: `https://${GUEST_NEIGHBOR}:8443`,
    PROACTIVE_MQTT_URL: `mqtts://${GUEST_NEIGHBOR}:8883`,
  }
  const [node, ...args] = programArgv('ingest', 'seed-demo', '--json')
  const seeded = await runProgram(node, args, { timeoutMs: READY_DEADLINE_MS, env })
  if (seeded.code !== 0) throw new Error(`the cloud's directory could not be made: ${seeded.stderr.trim()}`)
  const { locationId, users } = seededSchema.parse(JSON.parse(seeded.stdout))
  const ingest = await startService({
    name: 'ingest',
    argv: programArgv('ingest', 'run'),
    env,
    logFile: join(folder, 'ingest.log'),
    readyTimeoutMs: READY_DEADLINE_MS,
  })
  const portOf = (name: string) => Number(ingest.addresses.get(name)?.match(/:(\d+)\/?$/)?.[1])
  const clients: CloudClient[] = []
  const client = async () => {
    const known = clients[0]
    if (known !== undefined) return known
    const user = users.find(({ email }) => email.startsWith('technician')) ?? users[0]
    if (user === undefined) throw new Error('the demo has no User')
    const made = await logIn(ingest.addresses.get('web') ?? '', user)
    clients.push(made)
    return made
  }
  const stop = async () => {
    running.delete(stop)
    await ingest.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  running.add(stop)
  return {
    forwards: [
      { guestPort: 8443, hostPort: portOf('enroll') },
      { guestPort: 8883, hostPort: portOf('mqtt') },
    ],
    createClaim: async () => (await (await client()).createClaim(locationId)).bundle,
    location: async () => (await client()).location(locationId),
    stop,
  }
}
