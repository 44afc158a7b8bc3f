import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '@proactive/shared'
import type { AgentDeps } from './agent-deps.ts'
import { announcementSockets } from './adapters/announcement-sockets.ts'
import { createHealthReader } from './adapters/appliance-health.ts'
import { createArpEars } from './adapters/arp-ears.ts'
import { createArpScan } from './adapters/arp-scan.ts'
import { createClockTrust } from './adapters/clock-trust.ts'
import { createCloudLookup } from './adapters/cloud-lookup.ts'
import { dhcpSocket } from './adapters/dhcp-socket.ts'
import { dnsResolver } from './adapters/dns-resolver.ts'
import { createFping } from './adapters/fping.ts'
import { certificateEndMs, type Identity, openIdentityStore } from './adapters/identity-store.ts'
import { createIpLan } from './adapters/ip-lan.ts'
import { readLanDocument } from './adapters/lan-document.ts'
import { createMqttLink } from './adapters/mqtt-link.ts'
import { nodeScheduler } from './adapters/node-scheduler.ts'
import { openRunJournal } from './adapters/run-journal-file.ts'
import { createPingNow } from './adapters/ping-now.ts'
import { snmpReader } from './adapters/snmp-session.ts'
import { speedMeter } from './adapters/speed-client.ts'
import { withJournal } from './adapters/spool-journal.ts'
import { openSqliteSpool } from './adapters/sqlite-spool.ts'
import { tcpConnector } from './adapters/tcp-connector.ts'
import { openSealedAccess } from './adapters/sealed-access.ts'
import type { Log } from './ports/index.ts'
import type { Installation } from './settings/load-settings.ts'

const modelFile = '/proc/device-tree/model'

/** What looks at the LAN on this machine: everything but spool, journal and cloud. */
export function realLan(
  installation: Installation,
  log: Log,
  env: NodeJS.ProcessEnv,
): Omit<AgentDeps, 'spool' | 'journal' | 'cloudLink'> {
  const { dataDir, settings, snmpCommunity } = installation
  const { snmpV3 } = settings
  const echo = createFping(log, env.PATH)
  if (!echo.isAvailable())
    log.warn(
      {},
      'fping is not installed: round-trip times and internet checks are missing; install the package fping',
    )
  const hardware = readHardware()
  return {
    settings,
    snmpCommunity,
    ...(snmpV3 === undefined ? {} : { snmpV3 }),
    scheduler: nodeScheduler,
    clockTrust: createClockTrust(settings.isClockTrusted),
    random: Math.random,
    log,
    lan: createIpLan(log),
    echo,
    arp: createArpScan(log, env.PATH),
    resolver: dnsResolver,
    connector: tcpConnector,
    snmp: snmpReader,
    dhcp: dhcpSocket,
    announcements: announcementSockets,
    arpEars: createArpEars(log, env.PATH),
    readDocument: readLanDocument,
    pingNow: createPingNow(echo),
    speedMeter,
    health: createHealthReader(dataDir),
    ...(hardware === undefined ? {} : { hardware }),
  }
}

/** The agent's ports filled with this machine. @throws UsageError where the appliance was not claimed yet. */
export function realWorld(installation: Installation, log: Log, env: NodeJS.ProcessEnv): AgentDeps {
  const { dataDir, settings, bootIdFile, spoolJournal } = installation
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const identities = openIdentityStore(dataDir)
  requireIdentity(identities.read(), dataDir)
  const plainSpool = openSqliteSpool({
    file: join(dataDir, 'spool.db'),
    maxBytes: settings.spoolBytes,
    onDamage: (movedTo, err) =>
      log.error({ err, movedTo }, 'the spool was damaged; it is moved aside and begun anew'),
  })
  const spool = spoolJournal === undefined ? plainSpool : withJournal(plainSpool, spoolJournal)
  const rememberKey = (host: string) => `cloudIp.${host}`
  return {
    ...realLan(installation, log, env),
    spool,
    openSealed(sealed) {
      const identity = identities.read()
      return identity === undefined ? undefined : openSealedAccess(identity.keyPem, sealed)
    },
    certificateEndMs() {
      try {
        return certificateEndMs(requireIdentity(identities.read(), dataDir))
      } catch {
        // Damaged, or being written: connecting and renewing tell that.
        return undefined
      }
    },
    journal: openRunJournal(dataDir, bootIdFile),
    cloudLink: createMqttLink({
      identity: () => requireIdentity(identities.read(), dataDir),
      proxy: settings.proxy,
      lookup: createCloudLookup({
        resolver: dnsResolver,
        remembered: (host) => spool.fact(rememberKey(host)),
      }),
      onConnected: (host, ip) => {
        if (spool.fact(rememberKey(host)) !== ip) spool.commit({ facts: new Map([[rememberKey(host), ip]]) })
      },
    }),
  }
}

function requireIdentity(identity: Identity | undefined, dataDir: string): Identity {
  if (identity !== undefined) return identity
  throw new UsageError(
    `This appliance has no identity in ${join(dataDir, 'identity')}: claim it with "proactive-agent claim <bundle>".`,
  )
}

function readHardware(): string | undefined {
  if (!existsSync(modelFile)) return undefined
  const model = readFileSync(modelFile, 'utf8').replace(/\0.*/s, '').trim()
  return model === '' ? undefined : model.slice(0, 120)
}
