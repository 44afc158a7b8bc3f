import type { Birth, Device, Telemetry } from '@proactive/shared'
import { encode } from '@proactive/shared/codec'
import { enroll } from '../../agent/src/adapters/enroll-client.ts'
import { parseBundle } from '../../agent/src/claim.ts'
import { connectPublisher } from '../../scripts/bench/mqtt-publisher.ts'
import type { Cloud } from '../../scripts/stack/cloud.ts'
import { createRequest } from '../contract/certificate-request.ts'

/** An appliance whose every device changes each second: harder on the page than any shop. */
export interface BusyAppliance {
  /** Rounds that the cloud acknowledged so far. */
  ticks(): number
  stop(): Promise<void>
}

const periodMs = 1_000

/** Enrols by a claim and publishes inventory and telemetry each second, over mutual TLS. */
export async function startBusyAppliance(options: {
  readonly cloud: Cloud
  readonly bundle: string
  readonly devices: number
}): Promise<BusyAppliance> {
  const { cloud, devices } = options
  const { csrPem, keyPem } = await createRequest()
  const bundle = { ...parseBundle(options.bundle), url: `https://127.0.0.1:${cloud.enrollPort}/enroll` }
  const identity = await enroll(bundle, csrPem)
  const publisher = await connectPublisher(cloud.mqttPort, {
    clientId: identity.applianceId,
    locationId: identity.locationId,
    tls: { key: keyPem, cert: identity.certificatePem, ca: identity.caPem },
  })
  const startMs = Date.now()
  const bootEpoch = Math.floor(startMs / 1_000)
  let tick = 0
  let isStopped = false

  async function beat(): Promise<void> {
    const atMs = Date.now()
    await publisher.publish(
      'birth',
      [encode('birth', birth(bootEpoch, atMs, devices, tick, startMs))],
      1,
      () => undefined,
    )
    await publisher.publish(
      'telemetry',
      [encode('telemetry', batch(bootEpoch, atMs, devices, tick))],
      1,
      () => undefined,
    )
    tick++
  }
  const running = (async () => {
    while (!isStopped) {
      const startedMs = performance.now()
      await beat()
      await new Promise((resolve) =>
        setTimeout(resolve, Math.max(0, periodMs - (performance.now() - startedMs))),
      )
    }
  })()
  return {
    ticks: () => tick,
    stop: async () => {
      isStopped = true
      await running.catch(() => undefined)
      publisher.close()
    },
  }
}

function device(index: number, tick: number, firstSeenMs: number): Device {
  const isRouter = index === 0
  return {
    alias: index + 1,
    id: `dev-${index}`,
    role: isRouter ? 'router' : index % 10 === 1 ? 'pos-terminal' : 'workstation',
    name: `${isRouter ? 'Router' : 'Desk'} ${String(index).padStart(3, '0')}`,
    version: `1.0.${tick}`,
    confidence: 0.9,
    ips: [`192.168.${77 + Math.floor(index / 200)}.${(index % 200) + 1}`],
    macs: [`02:00:00:00:00:${index.toString(16).padStart(2, '0')}`],
    isSleeper: false,
    isGateway: isRouter,
    firstSeenMs,
    evidence: Array.from({ length: 6 }, (_, line) => ({
      source: 'service' as const,
      key: `port-${line}`,
      value: 'what a service said about itself, as long as such lines are',
    })),
  }
}

function birth(bootEpoch: number, atMs: number, count: number, tick: number, startMs: number): Birth {
  return {
    v: 1,
    bootEpoch,
    atMs,
    clock: 'synced',
    agentVersion: '1.0.0',
    networks: ['192.168.77.0/24'],
    uplinks: [{ id: 'primary', kind: 'primary', interface: 'eth0', hasCarrier: true }],
    desiredVersion: 0,
    devices: Array.from({ length: count }, (_, index) => device(index, tick, startMs)),
    targets: [],
  }
}

function batch(bootEpoch: number, atMs: number, count: number, tick: number): Telemetry {
  const rtt = (index: number) => Math.round((0.4 + ((index * 7 + tick * 13) % 50) / 10) * 100) / 100
  return {
    v: 1,
    bootEpoch,
    lane: 'live',
    seq: tick + 1,
    atMs,
    clock: 'synced',
    windowMs: periodMs,
    rows: {
      device: Array.from({ length: count }, (_, index) => {
        const p50 = rtt(index)
        return [index + 1, 1, p50, p50 * 1.5, p50 * 2, 0, 0.1, 5, 1]
      }),
    },
  }
}
