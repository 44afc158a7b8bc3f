import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { addresses, isLabPossible, type Lab, startLab } from '../lab/lab.ts'

const verdict = await isLabPossible()
if (!verdict.possible)
  process.stderr.write(`skipped: the virtual Location is not possible here: ${verdict.reason}\n`)

const devicesSchema = z.array(
  z.object({
    ips: z.array(z.string()),
    macs: z.array(z.string()),
    role: z.string(),
    model: z.string().optional(),
  }),
)
const watcher = fileURLToPath(new URL('fixture/lan-watcher.ts', import.meta.url))
/** Beside the shop's own network, on cables of their own: this kernel has no VLANs, and the agent cannot tell. */
const kitchen = { ip: '192.168.78.41', ip6: '2001:db8:78::41', mac: '00:26:ab:7e:88:41' }
const bar = { ip: '192.168.79.9', mac: '00:11:62:0b:a0:09' }
/** Answers no echo request and has nothing open; its address was set by hand. */
const desk = { ip: '192.168.76.9', mac: '60:c7:98:0a:60:09' }
/** Behind the router: the appliance is not attached to its subnet. */
const cellar = { ip: '192.168.80.9', mac: '00:0b:4f:11:80:09' }
const knownWithinMs = 15_000

describe.skipIf(!verdict.possible)('the agent on several subnets', () => {
  let lab: Lab
  let dataDir: string
  let logFile: string
  /** How to run something in a machine that was attached. */
  const enter = new Map<string, string>()

  const inNode = async (node: string, ...lines: readonly string[]) => {
    const { code, stderr } = await lab.exec(node, ['sh', '-ec', lines.join('\n')])
    expect(stderr).toBe('')
    expect(code).toBe(0)
  }
  const inAppliance = (...lines: readonly string[]) => inNode('appliance', ...lines)
  /** A machine of its own at the end of a cable from this node; without power until it is switched on. */
  async function attach(name: string, node: string, port: string, ownIp: string, mac: string): Promise<void> {
    const pidFile = join(dataDir, `${name}.pid`)
    const life = `echo $$ > ${pidFile}; exec sleep 600`
    await lab.spawn(node, name, ['unshare', '--net', 'sh', '-c', life])
    const readPid = () => readFile(pidFile, 'utf8').catch(() => '')
    await vi.waitUntil(async () => (await readPid()).endsWith('\n'), { interval: 20, timeout: 5_000 })
    const pid = (await readPid()).trim()
    enter.set(name, `nsenter --net=/proc/${pid}/ns/net`)
    await inNode(
      node,
      `ip link add ${port} type veth peer name eth0 netns ${pid} address ${mac}`,
      `ip addr add ${ownIp}/24 dev ${port}`,
      `ip link set ${port} up`,
    )
  }
  /** Waits for the link: what is sent before the kernel has noticed it is dropped. */
  const switchOn = (name: string, ip: string) =>
    inAppliance(
      `${enter.get(name)} ip link set lo up`,
      `${enter.get(name)} ip addr add ${ip}/24 dev eth0`,
      `${enter.get(name)} ip link set eth0 up`,
      `until ${enter.get(name)} ip -br link show up dev eth0 | grep -q ' UP '; do sleep 0.05; done`,
    )
  const runIn = (name: string, script: string) =>
    inAppliance(`${enter.get(name)} "${process.execPath}" --input-type=module -e '${script}'`)

  async function devices() {
    const lines = (await readFile(logFile, 'utf8').catch(() => ''))
      .split('\n')
      .filter((line) => line.startsWith('['))
    return devicesSchema.parse(JSON.parse(lines.at(-1) ?? '[]'))
  }
  const deviceOf = async (mac: string) => (await devices()).find(({ macs }) => macs.includes(mac))
  const eventually = (mac: string) =>
    expect.poll(() => deviceOf(mac), { timeout: knownWithinMs, interval: 100 })

  beforeAll(async () => {
    dataDir = await mkdtemp('/tmp/px-')
    logFile = join(dataDir, 'watcher.log')
    const noCloud = join(dataDir, 'nobody.sock')
    lab = await startLab({ dataDir, cloud: { mqttSocket: noCloud, enrollSocket: noCloud } })
    await attach('kitchen', 'appliance', 'eth7', '192.168.78.2', kitchen.mac)
    await switchOn('kitchen', kitchen.ip)
    await attach('bar', 'appliance', 'eth8', '192.168.79.2', bar.mac)
    await attach('desk', 'appliance', 'eth9', '192.168.76.2', desk.mac)
    await attach('cellar', 'router', 'lan9', '192.168.80.1', cellar.mac)
    await switchOn('cellar', cellar.ip)
    await inAppliance(`${enter.get('cellar')} ip route add default via 192.168.80.1`)
    await inNode('router', `fping -q -c 1 ${cellar.ip} 2> /dev/null`)
    const settings = {
      networks: [addresses.lan, '192.168.76.0/24', '192.168.78.0/24', '192.168.79.0/24', '192.168.80.0/22'],
      snmpCommunity: 'public',
      uplinks: [{ id: 'primary', interface: 'eth0', localAddress: addresses.appliance }],
      isClockTrusted: true,
    }
    await writeFile(join(dataDir, 'agent.json'), JSON.stringify(settings))
    await lab.spawn('appliance', 'watcher', [process.execPath, watcher], {
      env: { PROACTIVE_DATA: dataDir },
      logFile,
    })
  })
  afterAll(async () => {
    await lab?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  it('finds who is there on each of them', async () => {
    await eventually(kitchen.mac).toMatchObject({ ips: [kitchen.ip], role: 'printer' })
    await eventually('00:0b:4f:11:52:01').toMatchObject({ ips: ['192.168.77.21'] })
  })

  it('knows a device that joins by DHCP within 15 s', async () => {
    expect(await lab.fault('new-device')).toEqual({ ok: true })
    const joined = (await lab.status()).nodes.find(({ name }) => name === 'new-1')
    await eventually(joined?.mac ?? '').toBeDefined()
  })

  it('knows within 15 s one that has its address by hand and only announces itself, and what it is', async () => {
    await switchOn('bar', bar.ip)
    expect(await deviceOf(bar.mac)).toBeUndefined()
    const packet = new URL('../../agent/src/testing/mdns-packets.ts', import.meta.url).href
    await runIn(
      'bar',
      `import { createSocket } from "node:dgram"
       import { printerAnnouncement } from "${packet}"
       const socket = createSocket("udp4")
       socket.bind(5353, "${bar.ip}", () => {
         socket.setMulticastInterface("${bar.ip}")
         const announce = (then) => socket.send(printerAnnouncement("${bar.ip}"), 5353, "224.0.0.251", then)
         // Twice, a second apart, as RFC 6762 §8.3 wants it: one packet alone may be lost.
         announce(() => setTimeout(announce, 1000, () => socket.close()))
       })`,
    )
    await eventually(bar.mac).toMatchObject({
      ips: expect.arrayContaining([bar.ip]),
      role: 'printer',
      model: 'TSP143IV',
    })
  })

  it('knows within 15 s one that has its address by hand, is silent, and asks once for its router', async ({
    skip,
  }) => {
    const listens = 'timeout 0.3 tcpdump -Z root -i lo -p > /dev/null 2>&1; [ $? = 124 ]'
    const { code } = await lab.exec('appliance', ['sh', '-c', listens])
    if (code !== 0) skip('one user alone: tcpdump cannot give up its rights, and gives up instead')
    await inAppliance(`${enter.get('desk')} sysctl -qw net.ipv4.icmp_echo_ignore_all=1`)
    await switchOn('desk', desk.ip)
    // Not the appliance is asked: its own kernel learns nothing from this.
    await lab.exec('appliance', [
      'sh',
      '-c',
      `${enter.get('desk')} busybox arping -c 1 -w 1 -I eth0 192.168.76.1`,
    ])
    const askedAtMs = Date.now()
    await eventually(desk.mac).toMatchObject({ ips: [desk.ip], role: 'pos-terminal' })
    expect(Date.now() - askedAtMs).toBeLessThan(knownWithinMs)
  })

  it('knows from the router’s ARP table who is in a subnet behind it', async () => {
    await expect
      .poll(() => deviceOf(cellar.mac), { timeout: 40_000, interval: 200 })
      .toMatchObject({ ips: [cellar.ip], role: 'pos-terminal' })
  })

  it('joins an IPv6 neighbor to the device with the same MAC', async () => {
    await inAppliance(
      'echo 0 > /proc/sys/net/ipv6/conf/eth7/disable_ipv6',
      'ip -6 addr add 2001:db8:78::2/64 dev eth7 nodad',
      `${enter.get('kitchen')} ip -6 addr add ${kitchen.ip6}/64 dev eth0 nodad`,
    )
    await runIn(
      'kitchen',
      `import { createSocket } from "node:dgram"
       const socket = createSocket("udp6")
       socket.send("hello", 9, "2001:db8:78::2", () => setTimeout(() => socket.close(), 500))`,
    )
    await eventually(kitchen.mac).toMatchObject({ ips: [kitchen.ip, kitchen.ip6] })
    expect((await devices()).filter(({ ips }) => ips.includes(kitchen.ip6))).toHaveLength(1)
  })
})
