import { connect } from 'node:tls'
import { dhcpSocket } from './adapters/dhcp-socket.ts'
import { type Identity, openIdentityStore } from './adapters/identity-store.ts'
import { contains } from './core/networks.ts'
import type { Finding } from './doctor.ts'
import type { Echo, LanInterface, Resolver, Snmp, SnmpAccess } from './ports/index.ts'
import type { Installation } from './settings/load-settings.ts'

export interface ReachDeps {
  readonly echo: Echo
  readonly resolver: Resolver
  readonly snmp: Snmp
  readonly snmpAccess: SnmpAccess | undefined
}

const timeoutMs = 2_000
const tlsMs = 5_000
const sysName = '1.3.6.1.2.1.1.5.0'

/** Asks, once each, what the running agent asks all the time: gateway, resolver, the cloud's door, the router's SNMP agent. Nothing without an uplink or a network. */
export async function examineReach(
  installation: Installation,
  interfaces: readonly LanInterface[],
  deps: ReachDeps,
): Promise<Finding[]> {
  const gateway = gatewayOf(installation, interfaces)
  const resolvers = installation.settings.uplinks[0]?.resolvers ?? (gateway === undefined ? [] : [gateway])
  const identity = readIdentity(installation.dataDir)
  const findings = await Promise.all([
    examineDhcpPort(),
    gateway === undefined ? [] : examineGateway(gateway, deps.echo),
    examineCloud(installation, identity, resolvers, deps.resolver),
    gateway === undefined || deps.snmpAccess === undefined
      ? []
      : examineSnmp(gateway, deps.snmp, deps.snmpAccess),
  ])
  return findings.flat()
}

/** The first uplink's gateway, else that of an interface in a watched network. */
function gatewayOf({ settings }: Installation, interfaces: readonly LanInterface[]): string | undefined {
  const [uplink] = settings.uplinks
  if (uplink !== undefined)
    return uplink.gateway ?? interfaces.find(({ name }) => name === uplink.interface)?.gateway
  return interfaces.find(({ addresses }) =>
    addresses.some((cidr) => settings.networks.some((network) => contains(cidr, network))),
  )?.gateway
}

async function examineDhcpPort(): Promise<Finding[]> {
  try {
    const stop = await dhcpSocket.listen(() => undefined)
    stop()
    return []
  } catch (error) {
    const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined
    // Without the right to it another finding says so already.
    if (cause?.code !== 'EADDRINUSE') return []
    const sentence =
      'UDP port 67 is in use by another program, so DHCP clients cannot be heard: stop the DHCP server on this machine.'
    return [{ check: 'DHCP port', state: 'warn', sentence }]
  }
}

async function examineGateway(gateway: string, echo: Echo): Promise<Finding[]> {
  if (!echo.isAvailable()) return []
  const answers = await echo.ask([gateway], { count: 2, timeoutMs: 800 })
  const rtt = answers.find(({ rttMs }) => rttMs !== null)?.rttMs
  return [
    rtt == null
      ? {
          check: 'gateway',
          state: 'warn',
          sentence: `The gateway ${gateway} does not answer echo requests: check the cable, or allow ICMP on the router.`,
        }
      : { check: 'gateway', state: 'ok', sentence: `The gateway ${gateway} answers in ${rtt} ms.` },
  ]
}

async function examineCloud(
  { settings }: Installation,
  identity: Identity | undefined,
  resolvers: readonly string[],
  resolver: Resolver,
): Promise<Finding[]> {
  if (identity === undefined || settings.proxy !== undefined) return []
  const { hostname, port } = new URL(identity.mqttUrl)
  const [server] = resolvers
  let ip = /^[\d.]+$/.test(hostname) ? hostname : undefined
  const findings: Finding[] = []
  if (ip === undefined && server !== undefined) {
    const outcome = await resolver.lookup(hostname, { server, timeoutMs })
    ip = outcome.kind === 'answer' ? outcome.addresses[0] : undefined
    const why = 'detail' in outcome ? outcome.detail : 'no such name'
    findings.push(
      ip === undefined
        ? {
            check: 'DNS',
            state: 'fail',
            sentence: `${server} does not resolve ${hostname} (${why}): check the router's DNS, or set "resolvers".`,
          }
        : { check: 'DNS', state: 'ok', sentence: `${hostname} is ${ip}.` },
    )
  }
  if (ip === undefined) return findings
  return [...findings, await examineTls(identity, hostname, ip, Number(port || 8883))]
}

/** Greets the cloud as the agent does, and hangs up. */
function examineTls(identity: Identity, host: string, ip: string, port: number): Promise<Finding> {
  const check = 'TLS'
  const where = `${host}:${port}`
  return new Promise((resolve) => {
    const socket = connect({
      host: ip,
      port,
      ...(/^[\d.]+$/.test(host) ? {} : { servername: host }),
      key: identity.keyPem,
      cert: identity.certificatePem,
      ca: identity.caPem,
      minVersion: 'TLSv1.2',
    })
    const end = (finding: Omit<Finding, 'check'>) => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ check, ...finding })
    }
    const fail = (sentence: string) => end({ state: 'fail', sentence })
    const timer = setTimeout(
      () => fail(`${where} does not answer: let TCP ${port} out through the router's firewall.`),
      tlsMs,
    )
    socket.on('error', (error: NodeJS.ErrnoException) => fail(tlsAdvice(where, port, error)))
    socket.once('secureConnect', () =>
      end({ state: 'ok', sentence: `${where} is our cloud, by ${socket.getProtocol() ?? 'TLS'}.` }),
    )
  })
}

function tlsAdvice(where: string, port: number, { code = 'error', message }: NodeJS.ErrnoException): string {
  if (code === 'CERT_NOT_YET_VALID' || code === 'CERT_HAS_EXPIRED')
    return `The certificate of ${where} is out of its time: check this machine's clock.`
  if (/SELF_SIGNED|UNABLE_TO_|ALTNAME/.test(code))
    return `${where} is not our cloud (${code}): something in between opens TLS; let TCP ${port} pass untouched.`
  if (/REFUSED|UNREACH|TIMEDOUT|RESET/.test(code))
    return `${where} cannot be reached (${code}): let TCP ${port} out through the router's firewall.`
  return `${where} cannot be greeted (${code}: ${message.slice(0, 80)}): ask whoever runs the cloud.`
}

async function examineSnmp(gateway: string, snmp: Snmp, access: SnmpAccess): Promise<Finding[]> {
  const outcome = await snmp.get(gateway, [sysName], {
    ...access,
    ...{ timeoutMs, retries: 0, maySend: () => true },
  })
  const check = 'SNMP'
  if (outcome.kind === 'values')
    return [
      { check, state: 'ok', sentence: `The router says it is "${outcome.values.get(sysName) ?? '?'}".` },
    ]
  const why = outcome.kind === 'error' ? outcome.detail : 'no answer'
  const sentence = `The router does not answer SNMP (${why}): check the community or user, and that it may be read from the LAN.`
  return [{ check, state: 'warn', sentence }]
}

function readIdentity(dataDir: string): Identity | undefined {
  try {
    return openIdentityStore(dataDir).read()
  } catch {
    return undefined
  }
}
