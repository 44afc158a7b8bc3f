import { generateKeyPairSync } from 'node:crypto'
import { agentConfigSchema, type CommandResult } from '@proactive/shared'
import { seal } from '@proactive/shared/codec'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AgentTrial, startAgentTrial } from '../lab/agent-trial.ts'
import { addresses, names } from '../lab/topology.ts'
import { canRunLab } from './fixture/stack.ts'

const posIp = '192.168.77.21'
const printerIp = '192.168.77.41'

describe.skipIf(!canRunLab)('the live tools, on a real network', () => {
  let trial: AgentTrial
  let idByIp: ReadonlyMap<string, string>

  beforeAll(async () => {
    trial = await startAgentTrial({
      toolsPath: process.env.PATH ?? '',
      settings: {
        payPaths: [{ id: 'pay', name: 'Processor', host: names.processor, port: 443, deviceIds: [] }],
        // What the router opens for comes sealed, later.
        snmpCommunity: 'wrong',
      },
    })
    const { devices } = await trial.until('inventoried', ({ presence }) => presence.present === 7, 30_000)
    idByIp = new Map(devices.flatMap(({ id, ips }) => ips.map((ip) => [ip, id] as const)))
  })
  afterAll(() => trial?.stop())

  const final = (results: readonly CommandResult[]) => results.at(-1)?.outcome
  const linesOf = (results: readonly CommandResult[]) => {
    const outcome = final(results)
    return outcome?.status === 'ok' ? (outcome.lines ?? []) : []
  }
  const idOf = (ip: string) => idByIp.get(ip) ?? ''

  it('ping: each answer as it comes', async () => {
    const results = await trial.run({ action: 'ping', target: posIp, count: 3 })
    expect(results).toHaveLength(4)
    expect(results.map(({ seq }) => seq)).toEqual([0, 1, 2, 3])
    const outcome = final(results)
    const rtts = outcome?.status === 'ok' ? (outcome.rttsMs ?? []) : []
    expect(rtts).toHaveLength(3)
    for (const rtt of rtts) expect(rtt).toBeGreaterThan(0)
  })

  it('traceroute: hop by hop to an internet target', async () => {
    const results = await trial.run(
      { action: 'traceroute', target: addresses.targets[0], maxHops: 5 },
      10_000,
    )
    expect(linesOf(results)).toEqual([
      `1 ${addresses.router}`,
      `2 ${addresses.provider}`,
      `3 ${addresses.targets[0]}`,
    ])
    expect(results.length).toBe(4)
  })

  it('dns: by the router', async () => {
    expect(linesOf(await trial.run({ action: 'dns', name: names.processor }))).toEqual([
      `${names.processor} ${addresses.processor}`,
    ])
  })

  it('tcp: a printer’s port and a processor’s door, never a terminal’s', async () => {
    const answer = async (target: string, port: number) =>
      final(await trial.run({ action: 'tcp', target, port }))
    expect(await answer(printerIp, 9_100)).toMatchObject({ status: 'ok', evidence: [{ answer: 'reply' }] })
    expect(await answer(printerIp, 631)).toMatchObject({ status: 'ok', evidence: [{ answer: 'refused' }] })
    expect(await answer(names.processor, 443)).toMatchObject({ status: 'ok' })
    expect(await answer(posIp, 9_100)).toMatchObject({ status: 'refused' })
  })

  it('probe: a terminal that answers echo requests, and one that does not', async () => {
    for (const [ip, icmp] of [
      [posIp, 'reply'],
      ['192.168.77.22', 'timeout'],
    ] as const)
      expect(final(await trial.run({ action: 'probe', deviceId: idOf(ip) }))).toMatchObject({
        status: 'ok',
        evidence: [
          { probe: 'icmp', answer: icmp },
          { probe: 'arp', answer: 'reply' },
        ],
      })
  })

  it('rescan: says how many answered', async () => {
    expect(linesOf(await trial.run({ action: 'rescan' }, 20_000))).toEqual([
      '7 addresses answered, 7 devices known',
    ])
  })

  it('watch: samples every second until its time is over', async () => {
    const deviceIds = [idOf(printerIp), idOf('192.168.77.22')]
    const results = await trial.run({ action: 'watch', deviceIds, seconds: 4 }, 6_000)
    const parts = results.flatMap(({ outcome }) => (outcome.status === 'ok' ? [outcome] : []))
    const samples = parts.flatMap((part) => part.samples ?? [])
    expect(samples.length).toBeGreaterThanOrEqual(3)
    for (const [deviceId, rttMs] of samples) {
      expect(deviceId).toBe(idOf(printerIp))
      expect(rttMs).toBeGreaterThan(0)
    }
    // pos-2 ignores echo requests: what is told of it is the link's answer.
    expect(parts.flatMap(({ evidence }) => evidence)).toContainEqual(
      expect.objectContaining({ probe: 'arp', target: '192.168.77.22', answer: 'reply' }),
    )
    expect(linesOf(results)).toHaveLength(2)
  })

  it('a wanted configuration is in force without a restart, and what is refused is told with reasons', async () => {
    const before = (await trial.status())?.bootEpoch
    const config = agentConfigSchema.parse({
      telemetrySeconds: 20,
      networks: ['192.168.77.0/25', '10.0.0.0/24'],
      payPaths: [{ id: 'inside', name: 'Inside', host: posIp, port: 443, deviceIds: [] }],
      internetTargets: [addresses.targets[0], posIp, '10.1.1.1', 'one.example.net'],
      dnsNames: [],
      devices: [{ deviceId: idOf(posIp), name: 'Bar' }],
      sealedSnmpCommunity: seal(trial.broker.identity.certificatePem, 'snmp-community', 'public'),
    })
    const reported = await trial.desire(1, config)
    expect(reported.config).toMatchObject({
      telemetrySeconds: 20,
      networks: ['192.168.77.0/24', '192.168.77.0/25'],
      internetTargets: [addresses.targets[0]],
      payPaths: [{ id: 'pay' }],
    })
    expect(reported.refused.map(({ path }) => path)).toEqual([
      'networks.1',
      'internetTargets.1',
      'internetTargets.2',
      'internetTargets.3',
      'payPaths.0.host',
    ])
    expect(JSON.stringify(reported)).not.toContain('ealed')
    const status = await trial.status()
    expect(status?.bootEpoch).toBe(before)
    expect(status?.devices.find(({ id }) => id === idOf(posIp))?.name).toBe('Bar')
  })

  it('snmp-get: with the community that came sealed, from managed equipment only', async () => {
    const request = { action: 'snmp-get', oids: ['1.3.6.1.2.1.1.5.0'] } as const
    const ask = async (target: string) => trial.run({ ...request, oids: [...request.oids], target })
    expect(linesOf(await ask(addresses.router))).toEqual(['1.3.6.1.2.1.1.5.0 = router'])
    expect(final(await ask(posIp))).toMatchObject({ status: 'refused' })
    const other = otherKey()
    const reported = await trial.desire(2, {
      ...baseConfig,
      sealedSnmpCommunity: seal(other, 'snmp-community', 'x'),
    })
    expect(reported.refused).toMatchObject([{ path: 'sealedSnmpCommunity' }])
    const user = {
      user: 'box',
      authProtocol: 'sha',
      authKey: 'authentic-1',
      privProtocol: 'aes',
      privKey: 'private-2',
    }
    const certificate = trial.broker.identity.certificatePem
    const sealedSnmpCommunity = seal(certificate, 'snmp-v3', JSON.stringify(user))
    expect((await trial.desire(3, { ...baseConfig, sealedSnmpCommunity })).refused).toEqual([])
    // It goes before the community that was set on site; the router knows no such user.
    expect(linesOf(await ask(addresses.router))).not.toContain('1.3.6.1.2.1.1.5.0 = router')
  })

  it('speed: what the line carries, and what that does to everybody else’s round trips', async () => {
    const shaped = await trial.lab.exec('provider', [
      ...['tc', 'qdisc', 'add', 'dev', 'cust0', 'root'],
      ...['tbf', 'rate', '2mbit', 'burst', '16kb', 'latency', '400ms'],
    ])
    const lines = linesOf(await trial.run({ action: 'speed' }, 15_000))
    const number = (pattern: RegExp) => Number(pattern.exec(lines.join('\n'))?.[1] ?? Number.NaN)
    expect(lines.join('\n')).toMatch(/^idle: /)
    if (shaped.code === 0) {
      expect(number(/download: ([\d.]+) Mbit/)).toBeGreaterThan(0.8)
      expect(number(/download: ([\d.]+) Mbit/)).toBeLessThan(2.3)
      // A full buffer of 400 ms before the line: everybody waits behind the download.
      expect(number(/download: \d+ ms under load, \+(\d+) ms \(bufferbloat/)).toBeGreaterThan(100)
    }
    expect(number(/upload: ([\d.]+) Mbit/)).toBeGreaterThan(1)
    expect(final(await trial.run({ action: 'speed' }, 15_000))).toMatchObject({ status: 'refused' })
  })
})

const baseConfig = agentConfigSchema.parse({
  telemetrySeconds: 30,
  networks: [],
  payPaths: [],
  internetTargets: [],
  dnsNames: [],
  devices: [],
})

/** The public key of an appliance that is not this one. */
function otherKey(): string {
  const { publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return publicKey
}
