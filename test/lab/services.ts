import { fileURLToPath } from 'node:url'
import { type Service, startService } from './program.ts'
import { addresses, type LabNode, names, uplinkTables } from './topology.ts'

/** Where the lab keeps its working files: on its private `/run`, gone with it. */
export const workFolder = '/run/lab'

/** The DHCP client's script: sets address and routes. `$LAB_TABLE`, if any, is the routing table of this uplink. */
export const dhcpScript = `#!/bin/sh
case "$1" in bound|renew) ;; *) exit 0 ;; esac
router="\${router%% *}"
{
  echo "addr replace $ip/$mask brd + dev $interface"
  if [ -n "$router" ]; then
    echo "route replace default via $router dev $interface metric 100"
    [ -z "$LAB_TABLE" ] || echo "route replace default via $router dev $interface table $LAB_TABLE metric 100"
  fi
} | ip -batch -
echo "bound to $ip"
`

/**
 * What the router tells about itself by SNMP; interfaces and counters are the real ones of its namespace, at most 3 s
 * old (Net-SNMP's cache of the interface table).
 */
export const snmpConfiguration = `sysDescr RouterOS RB750Gr3
sysObjectID .1.3.6.1.4.1.14988.1
sysName router
sysLocation Back office
sysContact Network Team
rocommunity public ${addresses.lan}
agentaddress udp:${addresses.router}:161
dontLogTCPWrappersConnects yes
`

/** Starts the lab's services; `logFolder` takes one log per service. */
export function createServices(options: { readonly logFolder: string }): Services {
  const logFile = (node: string, service: string) => `${options.logFolder}/${node}-${service}.log`
  return {
    dhcpServer: (leases) =>
      startService({
        node: 'router',
        argv: [
          ...dnsmasq,
          '--port=0',
          '--interface=br-lan',
          '--except-interface=lo',
          '--bind-interfaces',
          '--dhcp-authoritative',
          '--no-ping',
          `--dhcp-leasefile=${workFolder}/leases`,
          '--dhcp-range=192.168.77.100,192.168.77.199,255.255.255.0,1h',
          `--dhcp-option=option:router,${addresses.router}`,
          `--dhcp-option=option:dns-server,${addresses.router}`,
          ...leases.map(({ mac, address, name }) => `--dhcp-host=${mac},${address},${name}`),
        ],
        logFile: logFile('router', 'dhcp'),
        ready: /DHCP, IP range/,
      }),
    dnsServer: (leases) =>
      startService({
        node: 'router',
        argv: [
          ...dnsmasq,
          `--listen-address=${addresses.router}`,
          '--bind-interfaces',
          '--no-resolv',
          '--no-hosts',
          `--server=${addresses.dns}`,
          `--host-record=router.lan,${addresses.router}`,
          // What a router's one dnsmasq knows from its leases; here DNS is a process of its own, so that it can fail alone.
          ...leases.map(({ name, address }) => `--host-record=${name}.lan,${address}`),
        ],
        logFile: logFile('router', 'dns'),
        ready: /started, version/,
      }),
    snmpAgent: () =>
      startService({
        node: 'router',
        argv: ['snmpd', '-f', '-Lo', '-r', '-C', '-c', `${workFolder}/snmpd.conf`],
        env: { MIBS: '', SNMP_PERSISTENT_DIR: `${workFolder}/snmp` },
        logFile: logFile('router', 'snmp'),
        ready: /NET-SNMP version/,
      }),
    internetDns: () =>
      startService({
        node: 'internet',
        argv: [
          ...dnsmasq,
          `--listen-address=${addresses.dns}`,
          '--bind-interfaces',
          '--no-resolv',
          '--no-hosts',
          '--local-ttl=30',
          `--host-record=${names.processor},${addresses.processor}`,
          `--host-record=${names.cloud},${addresses.cloud}`,
          ...names.targets.map((name, index) => `--host-record=${name},${addresses.targets[index]}`),
        ],
        logFile: logFile('internet', 'dns'),
        ready: /started, version/,
      }),
    internet: (config) =>
      startService({
        node: 'internet',
        argv: [
          process.execPath,
          fileURLToPath(new URL('internet.ts', import.meta.url)),
          JSON.stringify(config),
        ],
        logFile: logFile('internet', 'hosts'),
        ready: /^ready$/,
      }),
    printerPort: (node) =>
      startService({
        node,
        argv: ['busybox', 'nc', '-ll', '-p', '9100', '-e', 'sh', '-c', 'cat > /dev/null'],
        logFile: logFile(node, 'raw-port'),
        ready: /^$/,
      }),
    dhcpClient: (node, onBound) => {
      const { addressing, name } = node
      if (addressing.kind !== 'dhcp') throw new Error(`${name} has a static address`)
      return startService({
        node: name,
        argv: [
          ...['busybox', 'udhcpc', '-f', '-i', addressing.interface, '-s', `${workFolder}/dhcp-script`],
          ...['-x', `hostname:${name}`, '-V', addressing.vendorClass, '-t', '10', '-T', '1', '-A', '1'],
        ],
        env: node.role === 'appliance' ? { LAB_TABLE: String(uplinkTables.router) } : {},
        logFile: logFile(name, 'dhcp'),
        ready: boundLine,
        onLine: (line) => {
          const address = boundLine.exec(line)?.[1]
          if (address !== undefined) onBound(address)
        },
      })
    },
  }
}

/** The world behind the provider; see `internet.ts`. */
export interface InternetConfig {
  readonly processorAddress: string
  readonly processorName: string
  readonly targetAddresses: readonly string[]
  readonly cloudAddress: string
  readonly mqttSocket: string
  readonly enrollSocket: string
  readonly caFile: string
}

export interface Lease {
  readonly mac: string
  readonly address: string
  readonly name: string
}

export interface Services {
  dhcpServer(leases: readonly Lease[]): Service
  dnsServer(leases: readonly Lease[]): Service
  snmpAgent(): Service
  internetDns(): Service
  internet(config: InternetConfig): Service
  printerPort(node: string): Service
  dhcpClient(node: LabNode, onBound: (address: string) => void): Service
}

const boundLine = /^bound to (\S+)$/

const dnsmasq = [
  'dnsmasq',
  '--keep-in-foreground',
  '--log-facility=-',
  '--conf-file=/dev/null',
  '--pid-file=',
  // The only user there is when the lab runs rootless; changing groups is not allowed there at all.
  '--user=root',
  '--group=',
]
