import { readFileSync } from 'node:fs'
import { type Bench, median } from './bench.ts'
import { familyCpuSeconds, rssMbOf } from './cpu-time.ts'
import { shopSettings, startCrowdSite } from './crowd-site.ts'
import { startPeers } from './peers.ts'

const devices = 50
/** Design §10: the mean of minutes 3 to 5. */
const warmUpMs = 120_000
const windowMs = 180_000
const sampleMs = 5_000
const promises = { rssMb: 80, cpuPercent: 1, spoolBytesPerDay: 100_000_000 } as const
const dayMs = 86_400_000

/** What the agent needs on the appliance with 50 devices, beside what people put there instead, all at the same time. */
export const edgeBench: Bench = {
  name: 'edge',
  summary:
    'memory, processor and disk of the agent with 50 devices, beside netdata, zabbix-agent2 and collectd (5 min)',
  tools: ['nftables', 'fping', 'arp-scan', 'dnsmasq', 'snmpd', 'netdata', 'zabbix-agent2', 'collectd'],
  async run({ say, workDir }) {
    const site = await startCrowdSite({ devices, macPrefix: '00:0b:4f', workDir })
    const peers = startPeers(workDir)
    try {
      const settings = { ...shopSettings(site), networks: [site.crowd.network] }
      const agent = await site.startAgent('agent', settings)
      say(`warming up for ${warmUpMs / 1_000} s`)
      await pause(warmUpMs)
      const before = {
        cpu: familyCpuSeconds(agent.pid),
        written: writtenBytesOf(agent.pid),
        wire: agent.broker.bytes(),
        peers: peers.map((peer) => peer.cpuSeconds()),
      }
      const rss: number[] = []
      const peerRss: [alone: number[], together: number[]][] = peers.map(() => [[], []])
      say(`measuring for ${windowMs / 1_000} s`)
      for (let elapsed = 0; elapsed < windowMs; elapsed += sampleMs) {
        await pause(sampleMs)
        rss.push(rssMbOf(agent.pid))
        for (const [index, peer] of peers.entries()) {
          peerRss[index]?.[0].push(peer.rssMb())
          peerRss[index]?.[1].push(peer.rssMbWithChildren())
        }
      }
      const seconds = windowMs / 1_000
      const percent = (cpuSeconds: number) => rounded((cpuSeconds / seconds) * 100)
      const aDay = (bytes: number) => Math.round((bytes / windowMs) * dayMs)
      const wire = agent.broker.bytes()
      const found = (await agent.status())?.presence.present ?? 0
      const result = {
        rssMb: rounded(mean(rss)),
        cpuPercent: percent(familyCpuSeconds(agent.pid) - before.cpu),
        spoolBytesPerDay: aDay(writtenBytesOf(agent.pid) - before.written),
        wireBytesPerDay: aDay(wire.up - before.wire.up + wire.down - before.wire.down),
      }
      const told = peers.map((peer, index) => ({
        name: peer.name,
        does: peer.does,
        rssMb: rounded(median(peerRss[index]?.[0] ?? [])),
        rssMbWithChildren: rounded(median(peerRss[index]?.[1] ?? [])),
        cpuPercent: percent(peer.cpuSeconds() - (before.peers[index] ?? 0)),
        ...(peer.complaint() === undefined ? {} : { complaint: peer.complaint() }),
      }))
      return {
        figures: [
          { name: 'agent, resident memory', value: result.rssMb, unit: 'MB', atMost: promises.rssMb },
          {
            name: 'agent with children, processor',
            value: result.cpuPercent,
            unit: '% of a core',
            atMost: promises.cpuPercent,
          },
          {
            name: 'agent, written to the card a day',
            value: result.spoolBytesPerDay,
            unit: 'bytes',
            atMost: promises.spoolBytesPerDay,
          },
          { name: 'agent, on the wire a day (TLS, both ways)', value: result.wireBytesPerDay, unit: 'bytes' },
          ...told.flatMap((peer) => [
            { name: `${peer.name}, resident memory`, value: peer.rssMbWithChildren, unit: 'MB' },
            { name: `${peer.name}, processor`, value: peer.cpuPercent, unit: '% of a core' },
          ]),
        ],
        fields: { devices: found, ...result, peers: told },
        ...(found < devices ? { invalid: `only ${found} of ${devices} devices answered the agent` } : {}),
      }
    } finally {
      for (const peer of peers) await peer.stop()
      await site.stop()
    }
  },
}

/** Bytes that a process made the disk write (proc(5), io); 0 where the folder is in memory or /proc does not tell. */
function writtenBytesOf(pid: number): number {
  try {
    return Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

const rounded = (value: number): number => Math.round(value * 100) / 100

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
