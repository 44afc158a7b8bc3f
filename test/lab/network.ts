import { readdir, stat } from 'node:fs/promises'
import { inNode, mustRun } from './command.ts'
import type { Effects } from './effects.ts'
import { addresses, type Cable, type CableEnd, type LabNode, type Topology } from './topology.ts'

/** Makes every namespace and every cable in one go, then brings each node up. */
export async function buildNetwork({ nodes, cables }: Topology): Promise<void> {
  await mustRun(['ip', '-batch', '-'], { input: [...nodes.map(addNode), ...cables.map(addCable)].join('\n') })
  await Promise.all(nodes.map((node) => setUpNode(node, endsOf(node, cables))))
}

/** Makes one more node beside the others; its cable leads to the switch. */
export async function attachNode(node: LabNode, cable: Cable): Promise<void> {
  await mustRun(['ip', '-batch', '-'], { input: `${addNode(node)}\n${addCable(cable)}` })
  await setUpNode(node, [cable.near])
  await batch(cable.far.node, [`link set ${cable.far.interface} master br0 up`])
}

/** Ends all programs of a node and takes the node and its cable away. */
export async function removeNode(node: string, cable: Cable): Promise<void> {
  await killAllIn(node)
  // Deleting one end deletes the pair at once; a namespace alone would go only when the kernel gets to it.
  await batch(cable.far.node, [`link del ${cable.far.interface}`])
  await mustRun(['ip', 'netns', 'del', node])
}

/** Takes a node's power away: its programs are gone, its ports have no carrier, its DHCP address is forgotten. */
export async function powerOff(node: LabNode, cables: readonly Cable[]): Promise<void> {
  const { addressing } = node
  await batch(node.name, [
    ...endsOf(node, cables).map((end) => `link set ${end.interface} down`),
    ...(addressing.kind === 'dhcp' ? [`addr flush dev ${addressing.interface}`] : []),
  ])
  await killAllIn(node.name)
}

/** Brings a node's ports up as far as its cables are plugged, with its static addresses and routes. */
export async function powerOn(node: LabNode, cables: readonly Cable[], effects: Effects): Promise<void> {
  const ends = endsOf(node, cables).filter((end) => !isPulled(end, cables, effects))
  await batch(node.name, [...ends.map((end) => `link set ${end.interface} up`), ...node.boot])
}

/** Pulls or plugs a cable at its far end, unless that end has no power anyway. */
export async function plug(cable: Cable, isPlugged: boolean): Promise<void> {
  await batch(cable.far.node, [`link set ${cable.far.interface} ${isPlugged ? 'up' : 'down'}`])
}

/** Moves a device to another port of the switch; the port number in the switch's tables changes. */
export async function movePort(from: CableEnd, to: string, isUp: boolean): Promise<void> {
  await batch(from.node, [
    `link set ${from.interface} down`,
    `link set ${from.interface} nomaster`,
    `link set ${from.interface} name ${to}`,
    `link set ${to} master br0`,
    ...(isUp ? [`link set ${to} up`] : []),
  ])
}

/** Swallows all that comes in by these switch ports, carrier kept: how sleeping devices look. Replaces the list before. */
export async function muteDevices(ports: readonly string[]): Promise<void> {
  const hook = `type filter hook ingress devices = { ${ports.join(', ')} } priority 0;`
  await setFilter('switch', 'netdev', hook, ports.length > 0 ? 'drop' : '')
}

/** Drops packets on the WAN link: a share of them each way, or all that reach the provider. */
export async function setWanDrops(lossRatio: number, isProviderSilent: boolean): Promise<void> {
  const share = `numgen random mod 1000 < ${Math.round(lossRatio * 1000)}`
  const lossy = lossRatio >= 1 ? 'drop' : lossRatio > 0 ? `${share} drop` : ''
  await Promise.all([
    setFilter('router', 'netdev', 'type filter hook ingress device wan0 priority 0;', lossy),
    setFilter(
      'provider',
      'netdev',
      'type filter hook ingress device cust0 priority 0;',
      isProviderSilent ? 'drop' : lossy,
    ),
  ])
}

/** Drops everything that is sent to the payment processor. */
export async function setProcessorSilent(isSilent: boolean): Promise<void> {
  const rule = isSilent ? `ip daddr ${addresses.processor} drop` : ''
  await setFilter('internet', 'ip', 'type filter hook input priority 0;', rule)
}

/** The router's address translation and its closed door to the WAN. Needed once; nft rules outlive a reboot here. */
export async function installRouterRules(): Promise<void> {
  await nft(
    'router',
    `table ip gateway {
       chain postrouting { type nat hook postrouting priority 100; oifname "wan0" masquerade; }
       chain forward { type filter hook forward priority 0; iifname "wan0" ct state new drop; }
       chain input { type filter hook input priority 0; iifname "wan0" ct state new meta l4proto { tcp, udp } drop; }
     }`,
  )
}

/** Process ids of everything that runs inside a node, also of what lost its parent. */
export async function processesIn(node: string): Promise<number[]> {
  const namespace = await stat(`/run/netns/${node}`)
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const matches = await Promise.all(
    pids.map(async (pid) => {
      const own = await stat(`/proc/${pid}/ns/net`).catch(() => undefined)
      return own?.ino === namespace.ino && own.dev === namespace.dev
    }),
  )
  return pids.filter((_, index) => matches[index])
}

async function killAllIn(node: string): Promise<void> {
  // Twice, because a program may start a child while it is being looked for.
  for (const _ of [1, 2]) {
    for (const pid of await processesIn(node)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended by itself meanwhile.
      }
    }
  }
}

async function setUpNode(node: LabNode, ends: readonly CableEnd[]): Promise<void> {
  const { bridge } = node
  const lines = [
    'link set lo up',
    ...(bridge === undefined
      ? []
      : [
          `link add ${bridge.name} address ${node.mac} type bridge stp_state 0 forward_delay 0`,
          ...bridge.ports.map((port) => `link set ${port} master ${bridge.name}`),
          `link set ${bridge.name} up`,
        ]),
    ...ends.map((end) => `link set ${end.interface} up`),
    ...node.setup,
    ...node.boot,
  ]
  await mustRun(inNode(node.name, ['sh', '-c', settings(node)]), { input: lines.join('\n') })
}

/** Kernel settings of a node, none taken over from the machine; then `ip -batch` reads standard input. */
function settings(node: LabNode): string {
  const set = (file: string, value: number) => `echo ${value} > /proc/sys/net/${file}`
  const onAll = (file: string, value: number) =>
    `for f in /proc/sys/net/ipv4/conf/*/${file}; do echo ${value} > $f; done`
  return [
    'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 2>/dev/null',
    'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null',
    set('ipv4/ip_forward', node.isForwarding ? 1 : 0),
    set('ipv4/icmp_echo_ignore_all', node.ignoresPing ? 1 : 0),
    onAll('rp_filter', 0),
    onAll('arp_ignore', node.role === 'internet' ? 0 : 1),
    onAll('arp_announce', 0),
    onAll('proxy_arp', 0),
    onAll('ignore_routes_with_linkdown', 1),
    'exec ip -batch -',
  ].join('\n')
}

function isPulled(end: CableEnd, cables: readonly Cable[], effects: Effects): boolean {
  return cables.some(
    (cable) =>
      cable.far.node === end.node &&
      cable.far.interface === end.interface &&
      effects.unplugged.has(cable.name),
  )
}

function endsOf(node: LabNode, cables: readonly Cable[]): CableEnd[] {
  return cables.flatMap((cable) => [cable.near, cable.far]).filter((end) => end.node === node.name)
}

function addNode(node: LabNode): string {
  return `netns add ${node.name}`
}

function addCable({ near, far }: Cable): string {
  const end = ({ node, interface: name, mac }: CableEnd) => `name ${name} netns ${node} address ${mac}`
  return `link add ${end(near)} type veth peer ${end(far)}`
}

async function batch(node: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return
  await mustRun(inNode(node, ['ip', '-batch', '-']), { input: lines.join('\n') })
}

async function setFilter(node: string, family: string, hook: string, rule: string): Promise<void> {
  const table = `table ${family} faults`
  const body = rule === '' ? '' : `${table} { chain faults { ${hook}\n${rule}\n}\n}`
  await nft(node, `${table}\ndelete ${table}\n${body}`)
}

async function nft(node: string, ruleset: string): Promise<void> {
  await mustRun(inNode(node, ['nft', '-f', '-']), { input: ruleset })
}
