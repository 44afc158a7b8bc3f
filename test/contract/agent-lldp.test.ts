import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { attachmentsOf, attachmentText } from '../../agent/src/core/attachments.ts'
import { readLldp, readPortInterfaces, readPorts, tableOids } from '../../agent/src/core/neighbor-tables.ts'
import type { SnmpValues } from '../../agent/src/ports/index.ts'
import { runCommand } from '../lab/command.ts'
import { labEnvironment, unshareFlags } from '../lab/possible.ts'

const macs = { router: '18:fd:74:5a:10:01', ap: '24:a4:3c:00:00:01', till: '00:0b:4f:11:52:01' }
const arcsOf = (mac: string) =>
  mac
    .split(':')
    .map((octet) => Number.parseInt(octet, 16))
    .join('.')
/** Bridge ports and their interfaces, which real switches number apart. */
const [portUp, portOfAp, interfaceOfAp] = [1, 7, 107]

/** Debian's snmpd has no BRIDGE-MIB: what the bridge hears is laid down here, LLDP-MIB is lldpd's own. */
const switchSnmp = `agentaddress udp:127.0.0.1:161
rocommunity public
master agentx
agentXSocket /run/agentx
override ${tableOids.ports}.${arcsOf(macs.router)} integer ${portUp}
override ${tableOids.ports}.${arcsOf(macs.ap)} integer ${portOfAp}
override ${tableOids.ports}.${arcsOf(macs.till)} integer ${portOfAp}
override ${tableOids.portInterfaces}.${portUp} integer 101
override ${tableOids.portInterfaces}.${portOfAp} integer ${interfaceOfAp}
`

/**
 * Two machines on one cable in namespaces of their own. lldpd gives its rights away to a user of its own and locks itself into a folder below
 * /run: both are laid over the machine's, in a mount namespace, and are root here, as there may be no other user.
 */
const script = `set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/lldpd /run/snmp
printf 'root:x:0:0::/root:/bin/sh\\n_lldpd:x:0:0::/run/lldpd:/bin/false\\n' > /run/passwd
printf 'root:x:0:\\n_lldpd:x:0:\\n' > /run/group
mount --bind /run/passwd /etc/passwd
mount --bind /run/group /etc/group
printf '%s' "$SWITCH_SNMP" > /run/snmpd.conf
printf 'configure lldp tx-interval 1\\nconfigure system hostname sw-1\\n' > /run/switch.conf
printf 'configure lldp tx-interval 1\\nconfigure system hostname ap-1\\nconfigure system description "UniFi AP"\\n' > /run/ap.conf
ip netns add switch
ip netns add ap
ip link add port7 index ${interfaceOfAp} netns switch type veth peer name eth0 netns ap
ip -n switch link set lo up
ip -n switch link set port7 up
ip -n ap link set eth0 address ${macs.ap}
ip -n ap link set eth0 up
cli=$(command -v lldpcli)
run() { node=$1; shift; ip netns exec "$node" "$@" >&2 & }
MIBS= SNMP_PERSISTENT_DIR=/run/snmp run switch snmpd -f -Lo -r -C -c /run/snmpd.conf
# A subagent that finds no master tries again after 15 s.
waited=0
until [ -S /run/agentx ] || [ $waited -gt 200 ]; do sleep 0.02; waited=$((waited + 1)); done
run switch lldpd -d -x -X /run/agentx -u /run/switch.socket -I port7 -O /run/switch.conf -L "$cli"
run ap lldpd -d -u /run/ap.socket -I eth0 -O /run/ap.conf -L "$cli"
ip netns exec switch "$NODE" "$READING"
`

interface Told {
  readonly lldp: SnmpValues
  readonly ports: SnmpValues
  readonly portInterfaces: SnmpValues
}

/** What the switch tells, or the sentence why no lldpd runs here. */
async function askSwitch(): Promise<Told | string> {
  const env = {
    ...labEnvironment(),
    SWITCH_SNMP: switchSnmp,
    NODE: process.execPath,
    READING: fileURLToPath(new URL('lldp-reading.ts', import.meta.url)),
  }
  const probe = await runCommand(['lldpd', '-v'], { env })
  if (probe.code === 127)
    return 'LLDP is not tested on a real server: there is no lldpd; "npm run setup" fetches it'
  const setgroups = await readFile('/proc/self/setgroups', 'utf8').catch(() => '')
  if (process.getuid?.() !== 0 || setgroups.trim() === 'deny')
    return 'LLDP is not tested on a real server: lldpd gives its groups away (setgroups), which only real root may'
  const { code, stdout, stderr } = await runCommand(['unshare', ...unshareFlags(), 'sh', '-c', script], {
    env,
    deadlineMs: 40_000,
  })
  if (code !== 0) throw new Error(`the switch ended with ${code}: ${stderr}`)
  const told = JSON.parse(stdout) as Record<keyof Told, [string, number | string][]>
  return {
    lldp: new Map(told.lldp),
    ports: new Map(told.ports),
    portInterfaces: new Map(told.portInterfaces),
  }
}

it('LLDP-MIB of a real lldpd tells the neighbor and the port, and the access point’s own devices are behind it', async ({
  skip,
}) => {
  const told = await askSwitch()
  if (typeof told === 'string') {
    skip(told)
    return
  }
  const neighbors = readLldp(told.lldp)
  expect(neighbors).toEqual([
    { mac: macs.ap, localPort: interfaceOfAp, sysName: 'ap-1', sysDescr: 'UniFi AP' },
  ])
  const bridge = {
    deviceId: 'sw-1',
    ports: readPorts(told.ports),
    neighbors,
    interfaceByPort: readPortInterfaces(told.portInterfaces),
  }
  const devices: Parameters<typeof attachmentsOf>[1] = [
    { id: 'router', role: 'router', macs: [macs.router], isGateway: true },
    { id: 'ap-1', role: 'access-point', macs: [macs.ap], isGateway: false },
    { id: 'till', role: 'pos-terminal', macs: [macs.till], isGateway: false },
  ]
  const attachments = [...attachmentsOf([bridge], devices)].map(([id, at]) => [id, attachmentText(at)])
  expect(Object.fromEntries(attachments)).toEqual({ 'ap-1': `sw-1 ${portOfAp}`, till: 'ap-1' })
})
