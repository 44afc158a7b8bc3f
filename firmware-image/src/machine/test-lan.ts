/** A LAN inside the guest: a router, a printer and a terminal as network namespaces on a bridge. It answers ARP and pings. */
export const TEST_LAN = '192.168.77.0/24'
export const TEST_LAN_DEVICES = ['192.168.77.1', '192.168.77.20', '192.168.77.30'] as const

const script = [
  'ip link add lan0 type bridge',
  'ip addr add 192.168.77.2/24 dev lan0',
  'ip link set lan0 up',
  ...TEST_LAN_DEVICES.flatMap((address, index) => [
    `ip netns add dev${index}`,
    `ip link add veth${index} type veth peer name eth0 netns dev${index}`,
    `ip link set veth${index} master lan0 up`,
    `ip -n dev${index} addr add ${address}/24 dev eth0`,
    `ip -n dev${index} link set eth0 up`,
  ]),
].join(' && ')

const unit = `[Unit]
Description=A LAN for the test
DefaultDependencies=no
After=systemd-modules-load.service local-fs.target
Before=proactive-agent.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c '${script}'
`

/**
 * Arguments for QEMU that give the guest one more unit, as a credential (systemd.system-credentials(7), which systemd takes
 * from the firmware of virtual machines only): the image under test is the one that ships. QEMU's names are at most 55
 * characters long, hence the short ones.
 */
export const testLanArgs: readonly string[] = [
  ...credential('systemd.extra-unit.t.service', unit),
  ...credential('systemd.unit-dropin.-.slice', '[Unit]\nWants=t.service\n'),
]

export function credential(name: string, text: string): string[] {
  // QEMU reads a comma as the end of the text unless it is doubled.
  return ['-fw_cfg', `name=opt/io.systemd.credentials/${name},string=${text.replaceAll(',', ',,')}`]
}
