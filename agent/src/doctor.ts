import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { hasProgram } from './adapters/fping.ts'
import { certificateEndMs, openIdentityStore } from './adapters/identity-store.ts'
import { createClockTrust } from './adapters/clock-trust.ts'
import { whyClaimAnew } from './core/certificate-end.ts'
import { contains } from './core/networks.ts'
import type { LanInterface } from './ports/index.ts'
import type { Installation } from './settings/load-settings.ts'

/** One thing looked at. `warn` = works with less; `fail` = does not work. */
export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'warn' | 'fail'
  /** One sentence; for `warn` and `fail` with what to do. */
  readonly sentence: string
}

/** Capability numbers of Linux (capabilities(7)). */
const capabilities = { bindService: 10, netRaw: 13 } as const
const dayMs = 86_400_000
const leastFreeBytes = 500_000_000

/** Looks at what the agent needs on this machine; sends nothing on any network. */
export function examine(
  installation: Installation,
  interfaces: readonly LanInterface[],
  env: NodeJS.ProcessEnv,
): Finding[] {
  return [
    ...examinePrograms(env.PATH),
    ...examineRights(),
    ...examineNetworks(installation, interfaces),
    examineIdentity(installation.dataDir),
    examineClock(installation),
    examineDisk(installation.dataDir),
  ]
}

function examinePrograms(path: string | undefined): Finding[] {
  const needed = (name: string, state: 'warn' | 'fail', without: string, packageName: string): Finding =>
    hasProgram(name, path)
      ? { check: name, state: 'ok', sentence: `${name} is there.` }
      : {
          check: name,
          state,
          sentence: `${name} is missing: ${without}; install the package ${packageName}.`,
        }
  return [
    needed('ip', 'fail', 'neither interfaces nor neighbors can be read', 'iproute2'),
    needed('fping', 'warn', 'round-trip times and the internet checks are missing', 'fping'),
    needed(
      'arp-scan',
      'warn',
      'devices that ignore ICMP are noticed within 60 s instead of 20 s',
      'arp-scan',
    ),
    needed(
      'tcpdump',
      'warn',
      'a new device with an address by hand is found by the next sweep, up to 5 minutes later',
      'tcpdump',
    ),
  ]
}

function examineRights(): Finding[] {
  const effective = readCapabilities()
  const can = (capability: number) =>
    effective !== undefined && ((effective >> BigInt(capability)) & 1n) === 1n
  const canHearDhcp =
    can(capabilities.bindService) || readNumber('/proc/sys/net/ipv4/ip_unprivileged_port_start') <= 67
  return [
    can(capabilities.netRaw)
      ? { check: 'raw ARP', state: 'ok', sentence: 'Raw ARP is allowed.' }
      : {
          check: 'raw ARP',
          state: 'warn',
          sentence:
            'Raw ARP is not allowed: devices that ignore ICMP are noticed within 60 s; give the service CAP_NET_RAW.',
        },
    canHearDhcp
      ? { check: 'DHCP', state: 'ok', sentence: 'DHCP clients can be heard.' }
      : {
          check: 'DHCP',
          state: 'warn',
          sentence: 'DHCP clients cannot be heard (UDP 67): give the service CAP_NET_BIND_SERVICE.',
        },
  ]
}

function examineNetworks(
  { settings, settingsFile }: Installation,
  interfaces: readonly LanInterface[],
): Finding[] {
  const findings: Finding[] = []
  if (settings.networks.length === 0) {
    findings.push({
      check: 'networks',
      state: 'warn',
      sentence: `No networks are set in ${settingsFile}: the agent sends nothing on any LAN until some are.`,
    })
  }
  const attached = interfaces.flatMap(({ addresses }) => addresses)
  for (const network of settings.networks) {
    const isAttached = attached.some((cidr) => contains(cidr, network))
    findings.push(
      isAttached
        ? { check: `network ${network}`, state: 'ok', sentence: `This machine is attached to ${network}.` }
        : {
            check: `network ${network}`,
            state: 'warn',
            sentence: `No interface of this machine is in ${network}: connect it, or correct "networks".`,
          },
    )
  }
  for (const { id, interface: name } of settings.uplinks) {
    const own = interfaces.find((one) => one.name === name)
    const check = `uplink ${id}`
    if (own === undefined)
      findings.push({
        check,
        state: 'fail',
        sentence: `There is no interface ${name}: correct uplink "${id}".`,
      })
    else if (!own.hasCarrier)
      findings.push({
        check,
        state: 'warn',
        sentence: `${name} has no carrier: check the cable of uplink "${id}".`,
      })
    else
      findings.push({
        check,
        state: 'ok',
        sentence: `${name} is up${own.gateway ? `, gateway ${own.gateway}` : ''}.`,
      })
  }
  return findings
}

function examineIdentity(dataDir: string): Finding {
  const check = 'identity'
  try {
    const identity = openIdentityStore(dataDir).read()
    if (identity === undefined)
      return {
        check,
        state: 'fail',
        sentence: 'This machine is not claimed: run "proactive-agent claim <bundle>".',
      }
    const endsAtMs = certificateEndMs(identity)
    const ended = whyClaimAnew(endsAtMs, Date.now())
    if (ended !== undefined) return { check, state: 'fail', sentence: ended }
    const daysLeft = Math.floor((endsAtMs - Date.now()) / dayMs)
    const { applianceId, locationId } = identity
    return {
      check,
      state: 'ok',
      sentence: `Appliance ${applianceId} of Location ${locationId}, ${daysLeft} days left.`,
    }
  } catch (error) {
    return { check, state: 'fail', sentence: error instanceof Error ? error.message : String(error) }
  }
}

function examineClock({ settings }: Installation): Finding {
  return createClockTrust(settings.isClockTrusted).isTrusted()
    ? { check: 'clock', state: 'ok', sentence: 'The clock is trusted.' }
    : {
        check: 'clock',
        state: 'warn',
        sentence:
          'No time service vouches for the clock: samples are marked unsynced; enable systemd-timesyncd.',
      }
}

function examineDisk(dataDir: string): Finding {
  const check = 'data folder'
  try {
    const folder = existsSync(dataDir) ? dataDir : join(dataDir, '..')
    accessSync(folder, constants.W_OK)
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize < leastFreeBytes
      ? {
          check,
          state: 'warn',
          sentence: `Less than 500 MB are free for ${dataDir}: make room for the spool.`,
        }
      : { check, state: 'ok', sentence: `${dataDir} can be written.` }
  } catch {
    return {
      check,
      state: 'fail',
      sentence: `${dataDir} cannot be written: correct its owner, or set PROACTIVE_DATA.`,
    }
  }
}

function readCapabilities(): bigint | undefined {
  try {
    const hex = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    return hex === undefined ? undefined : BigInt(`0x${hex}`)
  } catch {
    return undefined
  }
}

function readNumber(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
