import type { Lab } from './lab.ts'

/** Packets from one sender to one node, by kind; what goes to a multicast group or to everybody is not among them. */
export interface PacketCounts {
  readonly icmp: number
  /** ARP for this very address; questions about others reach everybody. */
  readonly arp: number
  readonly udp: number
  readonly tcp: number
  readonly other: number
}
const kinds = ['icmp', 'arp', 'udp', 'tcp', 'other'] as const
export type PacketKind = (typeof kinds)[number]

const table = 'netdev packet_counts'
/** nft takes no keyword for a name. */
const counterOf = (kind: PacketKind) => `of_${kind}`

/** Counts in the node's kernel what comes in from `senderMac`, from now on; nothing is captured (nft, netdev ingress hook). */
export async function countPackets(
  lab: Lab,
  node: string,
  { address, senderMac }: { readonly address: string; readonly senderMac: string },
): Promise<() => Promise<PacketCounts>> {
  const rule = (match: string, kind: PacketKind) =>
    `add rule ${table} incoming ${match} counter name ${counterOf(kind)} accept`
  const ruleset = [
    `add table ${table}`,
    ...kinds.map((kind) => `add counter ${table} ${counterOf(kind)}`),
    `add chain ${table} incoming { type filter hook ingress device "eth0" priority -400; }`,
    `add rule ${table} incoming ether saddr != ${senderMac} accept`,
    rule(`arp daddr ip ${address}`, 'arp'),
    `add rule ${table} incoming ether type arp accept`,
    // Membership in multicast groups and the like: the whole LAN hears it, it is meant for nobody in particular.
    `add rule ${table} incoming ether daddr & 01:00:00:00:00:00 == 01:00:00:00:00:00 accept`,
    rule('ip protocol icmp', 'icmp'),
    rule('ip protocol udp', 'udp'),
    rule('ip protocol tcp', 'tcp'),
    rule('', 'other'),
  ].join('\n')
  const { code, stderr } = await lab.exec(node, ['nft', ruleset])
  if (code !== 0) throw new Error(`packets to ${node} cannot be counted: ${stderr.split('\n')[0]}`)
  return async () => {
    const { stdout } = await lab.exec(node, ['nft', '-j', 'list', 'counters', 'table', ...table.split(' ')])
    const { nftables } = JSON.parse(stdout) as {
      nftables: { counter?: { name: string; packets: number } }[]
    }
    const packets = (kind: PacketKind) =>
      nftables.find(({ counter }) => counter?.name === counterOf(kind))?.counter?.packets ?? Number.NaN
    return {
      icmp: packets('icmp'),
      arp: packets('arp'),
      udp: packets('udp'),
      tcp: packets('tcp'),
      other: packets('other'),
    }
  }
}

export function minus(a: PacketCounts, b: PacketCounts): PacketCounts {
  return {
    icmp: a.icmp - b.icmp,
    arp: a.arp - b.arp,
    udp: a.udp - b.udp,
    tcp: a.tcp - b.tcp,
    other: a.other - b.other,
  }
}
