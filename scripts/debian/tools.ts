/** A program that lab, tests or the demo use, and the Debian package that has it. */
export interface ToolSpec {
  readonly package: string
  /** Programs of the package that become reachable. */
  readonly binaries: readonly string[]
  /**
   * Whether the machine's own copy is as good. Not for programs whose version matters to us: another InfluxDB than
   * Debian's 1.x speaks another API.
   */
  readonly isHostCopyGood: boolean
  /** Folders of packages that the program must be told of: environment name → path inside a package. */
  readonly pathEnv?: Readonly<Record<string, string>>
}

/** Every tool that can be asked for, by the name callers use. */
export const debianTools = {
  iproute2: { package: 'iproute2', binaries: ['ip', 'bridge', 'ss'], isHostCopyGood: true },
  nftables: { package: 'nftables', binaries: ['nft'], isHostCopyGood: true },
  fping: { package: 'fping', binaries: ['fping'], isHostCopyGood: true },
  'arp-scan': { package: 'arp-scan', binaries: ['arp-scan'], isHostCopyGood: true },
  tcpdump: { package: 'tcpdump', binaries: ['tcpdump'], isHostCopyGood: true },
  dnsmasq: { package: 'dnsmasq-base', binaries: ['dnsmasq'], isHostCopyGood: true },
  snmpd: {
    package: 'snmpd',
    binaries: ['snmpd'],
    isHostCopyGood: true,
    pathEnv: { MIBDIRS: 'usr/share/snmp/mibs' },
  },
  lldpd: { package: 'lldpd', binaries: ['lldpd', 'lldpcli'], isHostCopyGood: true },
  busybox: { package: 'busybox', binaries: ['busybox'], isHostCopyGood: true },
  ping: { package: 'iputils-ping', binaries: ['ping'], isHostCopyGood: true },
  unshare: { package: 'util-linux', binaries: ['unshare', 'nsenter'], isHostCopyGood: true },
  influxdb: { package: 'influxdb', binaries: ['influxd'], isHostCopyGood: false },
  // Peers that benchmarks measure us beside.
  nmap: {
    package: 'nmap',
    binaries: ['nmap'],
    isHostCopyGood: true,
    pathEnv: { NMAPDIR: 'usr/share/nmap' },
  },
  netdata: { package: 'netdata-core', binaries: ['netdata'], isHostCopyGood: false },
  'zabbix-agent2': { package: 'zabbix-agent2', binaries: ['zabbix_agent2'], isHostCopyGood: false },
  collectd: { package: 'collectd-core', binaries: ['collectd'], isHostCopyGood: false },
  'victoria-metrics': { package: 'victoria-metrics', binaries: ['victoria-metrics'], isHostCopyGood: false },
} as const satisfies Record<string, ToolSpec>

export type ToolName = keyof typeof debianTools

/** What the virtual Location and the real agent in it need. */
export const labTools: readonly ToolName[] = [
  'iproute2',
  'nftables',
  'fping',
  'arp-scan',
  'tcpdump',
  'dnsmasq',
  'snmpd',
  'busybox',
  'ping',
  'unshare',
]

/** What `npm start` uses: the lab, and a real InfluxDB beside it. */
export const startTools: readonly ToolName[] = [...labTools, 'influxdb']

/** What the tests use. */
export const testTools: readonly ToolName[] = [...startTools, 'victoria-metrics', 'lldpd']

/** The entry of the table with its general type. */
export const toolSpec = (name: ToolName): ToolSpec => debianTools[name]
