import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  addresses,
  isLabPossible,
  type Lab,
  type LabEvent,
  startCloudForwarder,
  startLab,
} from '../lab/lab.ts'
import { type ApplianceView, inject, mend, viewFromAppliance } from './lab-view.ts'

const verdict = await isLabPossible()

describe.skipIf(!verdict.possible)('the virtual Location', () => {
  let dataDir: string
  let lab: Lab
  let view: ApplianceView
  const events: LabEvent[] = []
  const said: string[] = []

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lab-'))
    lab = await startLab({
      dataDir,
      backupUplink: true,
      cloud: { mqttSocket: join(dataDir, 'mqtt.sock'), enrollSocket: join(dataDir, 'enroll.sock') },
      seconds: { reboot: 2, restart: 2, roam: 0.3 },
      onEvent: (event) => void events.push(event),
      log: (line) => void said.push(line),
    })
    view = viewFromAppliance(lab)
  })
  afterEach(async () => {
    await lab.heal('all')
  })
  afterAll(async () => {
    await lab?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  async function nextEvent(isWanted: (event: LabEvent) => boolean): Promise<void> {
    await expect.poll(() => events.some(isWanted), { timeout: 10_000, interval: 50 }).toBe(true)
  }

  it('is up in less than 3 seconds', () => {
    expect(lab.startedInMs).toBeLessThan(3_000)
  })

  it('gives every device its address by DHCP, and each answers ARP with its own MAC', async () => {
    const { nodes } = await lab.status()
    const expected = {
      router: '192.168.77.1',
      switch: '192.168.77.10',
      'pos-1': '192.168.77.21',
      'pos-2': '192.168.77.22',
      'pos-3': '192.168.77.23',
      'printer-1': '192.168.77.41',
      'office-1': '192.168.77.51',
    }
    for (const [name, address] of Object.entries(expected)) {
      const node = nodes.find((entry) => entry.name === name)
      expect(node?.address, name).toBe(address)
      expect(await view.macsOf(address), name).toEqual([node?.mac])
    }
    expect(nodes.find((node) => node.name === 'appliance')?.address).toBe(addresses.appliance)
  })

  it('has a countertop that answers ping and one that does not', async () => {
    expect(await view.answersPing('192.168.77.21')).toBe(true)
    expect(await view.answersPing('192.168.77.22')).toBe(false)
  })

  it('leads to the payment processor by DNS, address translation and TLS', async () => {
    expect(await view.lookUp('processor.example.net')).toEqual([addresses.processor])
    expect(await view.shakeHands(join(dataDir, 'processor-ca.pem'))).toBe('secure')
    expect(await view.dial(addresses.targets[0], 443)).toBe('open')
    expect(await view.dial('192.168.77.41', 9100)).toBe('open')
  })

  it('tells real interfaces and its uptime by SNMP', async () => {
    expect(await view.routerUptimeMs()).toBeGreaterThan(0)
    expect(await view.routerPorts()).toMatchObject({
      wan0: 'up up',
      lan1: 'up up',
      lan2: 'up up',
      'br-lan': 'up up',
    })
    await inject(lab, 'wan-down', 'link')
    // Net-SNMP reads its interfaces anew every 3 s.
    await expect
      .poll(() => view.routerPorts(), { timeout: 5_000, interval: 250 })
      .toMatchObject({ wan0: 'up down', lan1: 'up up' })
  })

  it('reaches the cloud by a unix socket, by either uplink', async () => {
    const cloud = createServer((socket) => socket.end('hello'))
    await new Promise<void>((resolve) => void cloud.listen(0, '127.0.0.1', resolve))
    const address = cloud.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const forwarder = await startCloudForwarder({
      socketPath: join(dataDir, 'mqtt.sock'),
      host: '127.0.0.1',
      port,
    })
    const hear = (localAddress: string) =>
      lab.exec('appliance', [
        process.execPath,
        '-e',
        `require('node:net').connect({ host: '${addresses.cloud}', port: 8883, localAddress: '${localAddress}' }).pipe(process.stdout)`,
      ])
    try {
      expect((await hear(addresses.appliance)).stdout).toBe('hello')
      expect((await hear(addresses.applianceBackup)).stdout).toBe('hello')
      await inject(lab, 'router-down')
      expect((await hear(addresses.applianceBackup)).stdout).toBe('hello')
      expect((await hear(addresses.appliance)).stderr).toContain('EHOSTUNREACH')
    } finally {
      await mend(lab, 'router-down')
      await forwarder.stop()
      await new Promise<void>((resolve) => void cloud.close(() => resolve()))
    }
  })

  it('loses carrier when the router loses power; the router comes back with a new uptime', async () => {
    const before = (await view.routerUptimeMs()) ?? 0
    await inject(lab, 'router-down')
    expect(await view.hasCarrier()).toBe(false)
    expect(await view.routerUptimeMs()).toBeUndefined()
    expect((await lab.exec('provider', ['fping', '-q', '-r', '0', addresses.routerWan])).code).toBe(1)
    await mend(lab, 'router-down')
    expect(await view.hasCarrier()).toBe(true)
    expect(await view.routerUptimeMs()).toBeLessThan(before + 2_000)
    expect(await view.lookUp('cloud.example.net')).toEqual([addresses.cloud])
    expect(await view.answersPing('192.168.77.21')).toBe(true)
  })

  it('keeps the router up when only the appliance cable is pulled', async () => {
    const before = (await view.routerUptimeMs()) ?? Number.NaN
    await inject(lab, 'appliance-cable')
    expect(await view.hasCarrier()).toBe(false)
    expect((await lab.exec('office-1', ['fping', '-q', '-r', '1', addresses.targets[0]])).code).toBe(0)
    expect((await lab.exec('provider', ['fping', '-q', '-r', '1', addresses.routerWan])).code).toBe(0)
    await mend(lab, 'appliance-cable')
    expect(await view.routerUptimeMs()).toBeGreaterThan(before)
  })

  it('reboots the router by itself', async () => {
    await inject(lab, 'router-reboot')
    expect(await view.hasCarrier()).toBe(false)
    await nextEvent((event) => event.kind === 'passed' && event.name === 'router-reboot')
    expect(await view.answersPing(addresses.router)).toBe(true)
    expect(await view.routerUptimeMs()).toBeLessThan(5_000)
  })

  it.each(['link', 'provider'])('cuts the internet behind the router: %s', async (how) => {
    await inject(lab, 'wan-down', how)
    expect(await view.answersPing(addresses.router)).toBe(true)
    expect(await view.answersPing(addresses.provider)).toBe(false)
    expect(await view.dial(addresses.targets[0], 443)).not.toBe('open')
    await mend(lab, 'wan-down')
    expect(await view.dial(addresses.targets[0], 443)).toBe('open')
  })

  it('loses the asked share of packets on the WAN link, each way', async () => {
    await inject(lab, 'wan-loss', '30')
    const { stderr } = await lab.exec('appliance', [
      'fping',
      '-q',
      '-C',
      '300',
      '-p',
      '5',
      '-t',
      '200',
      '-i',
      '1',
      addresses.targets[0],
    ])
    const lost = stderr.split(' ').filter((word) => word.trim() === '-').length
    // Two ways of 30 % each: 51 %; 300 pings stay within 4 sigma.
    expect(lost / 300).toBeGreaterThan(0.39)
    expect(lost / 300).toBeLessThan(0.63)
    await mend(lab, 'wan-loss')
    expect(await view.answersPing(addresses.targets[0])).toBe(true)
  })

  it('has a resolver that falls silent, while addresses still work', async () => {
    await inject(lab, 'dns-down')
    expect(await view.lookUp('target-1.example.net')).toEqual([])
    expect(await view.dial(addresses.targets[0], 443)).toBe('open')
    await mend(lab, 'dns-down')
    expect(await view.lookUp('target-1.example.net')).toEqual([addresses.targets[0]])
  })

  it('silences all that hangs behind the switch, not the router', async () => {
    await inject(lab, 'switch-down')
    for (const address of ['192.168.77.10', '192.168.77.21', '192.168.77.23', '192.168.77.41']) {
      expect(await view.macsOf(address), address).toEqual([])
    }
    expect(await view.answersPing(addresses.router)).toBe(true)
    await mend(lab, 'switch-down')
    expect(await view.macsOf('192.168.77.21')).toEqual(['00:0b:4f:11:52:01'])
    expect(await view.macsOf('192.168.77.10')).toHaveLength(1)
  })

  it('takes one terminal down and lets the others be', async () => {
    await inject(lab, 'pos-down', 'pos-2')
    expect(await view.macsOf('192.168.77.22')).toEqual([])
    expect(await view.macsOf('192.168.77.21')).toHaveLength(1)
    await mend(lab, 'pos-down', 'pos-2')
    expect(await view.macsOf('192.168.77.22')).toHaveLength(1)
  })

  it('lets a terminal sleep and wake without asking for its address again', async () => {
    await inject(lab, 'pos-sleep', 'pos-3')
    expect(await view.macsOf('192.168.77.23')).toEqual([])
    await mend(lab, 'pos-sleep', 'pos-3')
    expect(await view.macsOf('192.168.77.23')).toHaveLength(1)
  })

  it('restarts a terminal, which comes back by itself', async () => {
    await inject(lab, 'pos-restart', 'pos-1')
    expect(await view.macsOf('192.168.77.21')).toEqual([])
    await nextEvent((event) => event.kind === 'passed' && event.name === 'pos-restart')
    expect(await view.macsOf('192.168.77.21')).toHaveLength(1)
  })

  it.each([
    ['silent', 'ETIMEDOUT'],
    ['refused', 'ECONNREFUSED'],
    ['tls', 'ECONNRESET'],
  ])('breaks the payment processor alone: %s', async (how, outcome) => {
    const caFile = join(dataDir, 'processor-ca.pem')
    await inject(lab, 'processor-down', how)
    expect(await view.shakeHands(caFile)).toBe(outcome)
    expect(await view.dial(addresses.targets[0], 443)).toBe('open')
    await mend(lab, 'processor-down')
    expect(await view.shakeHands(caFile)).toBe('secure')
  })

  it('shows a second MAC for one address in an address conflict', async () => {
    await inject(lab, 'ip-conflict')
    expect(await view.macsOf('192.168.77.21')).toHaveLength(2)
    await mend(lab, 'ip-conflict')
    expect(await view.macsOf('192.168.77.21')).toEqual(['00:0b:4f:11:52:01'])
  })

  it('lets a new device join by DHCP', async () => {
    await inject(lab, 'new-device')
    const node = (await lab.status()).nodes.find((entry) => entry.name === 'new-1')
    expect(node?.address).toMatch(/^192\.168\.77\.1\d\d$/)
    expect(await view.macsOf(node?.address ?? '')).toEqual([node?.mac])
    await mend(lab, 'new-device')
    expect((await lab.status()).nodes.map((entry) => entry.name)).not.toContain('new-1')
  })

  it('moves a device to another port with the same MAC', async () => {
    await inject(lab, 'roam', 'pos-3')
    expect(await view.macsOf('192.168.77.23')).toEqual(['00:17:6f:a9:20:03'])
    await mend(lab, 'roam')
    expect(await view.macsOf('192.168.77.23')).toEqual(['00:17:6f:a9:20:03'])
  })

  it('gives a booting device no address while DHCP is down, and one afterwards', async () => {
    await inject(lab, 'dhcp-down')
    await inject(lab, 'pos-down', 'pos-1')
    await mend(lab, 'pos-down', 'pos-1')
    expect(await view.macsOf('192.168.77.21')).toEqual([])
    await mend(lab, 'dhcp-down')
    await expect.poll(() => view.macsOf('192.168.77.21'), { timeout: 8_000 }).toHaveLength(1)
  })

  it('kills the programs of the appliance in a power cut and starts them again', async () => {
    const agent = await lab.spawn('appliance', 'agent', ['sh', '-c', 'echo started; sleep 600'])
    await inject(lab, 'power-cut')
    const cut = await lab.status()
    expect(cut.processes).toEqual([{ name: 'agent', node: 'appliance', isRunning: false }])
    expect(cut.nodes.filter((node) => node.isOn).map((node) => node.name)).toEqual([
      'provider',
      'backup',
      'internet',
    ])
    await expect(lab.exec('appliance', ['true'])).rejects.toThrow('appliance has no power')
    await mend(lab, 'power-cut')
    expect((await lab.status()).processes).toEqual([{ name: 'agent', node: 'appliance', isRunning: true }])
    expect(await view.macsOf('192.168.77.21')).toHaveLength(1)
    expect(await view.shakeHands(join(dataDir, 'processor-ca.pem'))).toBe('secure')
    await agent.kill('SIGKILL')
    expect(await agent.exited).toEqual({ code: null, signal: 'SIGKILL' })
  })

  it('answers a mistake with a sentence that lists the choices', async () => {
    expect(await lab.fault('fire')).toMatchObject({
      ok: false,
      reason: expect.stringContaining('router-down'),
    })
    expect(await lab.fault('pos-down')).toEqual({
      ok: false,
      reason: 'pos-down needs one of pos-1, pos-2, pos-3',
    })
    expect(await lab.heal('dns-down')).toEqual({
      ok: false,
      reason: 'dns-down is not in force; in force: nothing',
    })
  })

  it('ends well with all faults healed, and nothing to complain about', async () => {
    expect((await lab.status()).faults).toEqual([])
    expect(said).toEqual([])
  })
})
