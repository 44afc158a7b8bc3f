import { spawn } from 'node:child_process'
import type { Bench, BenchContext } from './bench.ts'
import { familyCpuSeconds } from './cpu-time.ts'
import { ended, shopSettings, type SiteAgent, startCrowdSite } from './crowd-site.ts'

const devices = 200
const periodMs = 10_000
/** Inventory, learning how each is asked, first names: over by then. */
const settleMs = 60_000
/** Whole minutes: what the agent does once in each counts the same for both agents. Over before the next sweep. */
const windowMs = 180_000
const inventoryMs = 60_000
/** Design §10: agent with its children, less the same agent without targets, beside fping on the same targets and pace. */
const ratioAtMost = 1.5

/** What steady probing of 200 devices costs, beside bare fping. */
export const probeBench: Bench = {
  name: 'probe',
  summary: 'processor time of probing 200 devices each 10 s, beside fping -l',
  tools: ['nftables', 'fping', 'dnsmasq', 'snmpd'],
  async run(context) {
    // Terminals' makers: that class is asked every 10 s.
    const site = await startCrowdSite({ devices, macPrefix: '00:0b:4f', workDir: context.workDir })
    try {
      const settings = shopSettings(site)
      const full = await site.startAgent('full', { ...settings, networks: [site.crowd.network] })
      // It watches the same router – its way out, its ports by SNMP – and nobody else: what that costs is no probing of the crowd.
      const empty = await site.startAgent('empty', { ...settings, networks: [`${site.crowd.ips[0]}/32`] })
      await awaitInventory(context, full)
      await pause(settleMs)
      const fping = spawn(
        'fping',
        ['-l', '-D', '-i', '1', '-p', String(periodMs), '-t', '1000', ...site.crowd.ips],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      )
      let lines = 0
      fping.stdout.on('data', (chunk: Buffer) => {
        lines += chunk.toString().split('\n').length - 1
      })
      try {
        const pids = [full.pid, empty.pid, fping.pid ?? 0]
        const before = pids.map(familyCpuSeconds)
        const spentBefore = await spentOn(full)
        await pause(windowMs)
        const [fullSeconds = 0, emptySeconds = 0, fpingCpuSeconds = 0] = pids.map(
          (pid, index) => familyCpuSeconds(pid) - (before[index] ?? 0),
        )
        const probes = (await spentOn(full)) - spentBefore
        const expected = (devices * windowMs) / periodMs
        const cpuSeconds = fullSeconds - emptySeconds
        const ratio = cpuSeconds / fpingCpuSeconds
        return {
          figures: [
            { name: 'agent, of probing alone', value: cpuSeconds, unit: 's' },
            { name: 'fping -l', value: fpingCpuSeconds, unit: 's' },
            { name: 'ratio', value: ratio, unit: '×', atMost: ratioAtMost },
            { name: 'packets by the agent', value: probes, unit: 'packets' },
          ],
          fields: {
            devices,
            seconds: windowMs / 1_000,
            cpuSeconds: rounded(cpuSeconds),
            fpingCpuSeconds: rounded(fpingCpuSeconds),
            ratio: rounded(ratio),
            idleAgentCpuSeconds: rounded(emptySeconds),
          },
          ...(probes < 0.9 * expected || lines < 0.9 * expected
            ? { invalid: `of ${expected} probes the agent sent ${probes}, fping ${lines}` }
            : {}),
        }
      } finally {
        await ended(fping)
      }
    } finally {
      await site.stop()
    }
  },
}

async function awaitInventory({ say }: BenchContext, agent: SiteAgent): Promise<void> {
  const deadline = performance.now() + inventoryMs
  for (;;) {
    const known = (await agent.status())?.presence.known ?? 0
    if (known >= devices) break
    if (performance.now() > deadline) throw new Error(`the agent found ${known} of ${devices} devices`)
    await pause(500)
  }
  say(`${devices} devices known; steady probing from here`)
}

/** Packets that the agent counted to terminals. */
async function spentOn(agent: SiteAgent): Promise<number> {
  const figures = (await agent.status())?.budget.find((one) => one.class === 'payment')
  return figures?.spent ?? 0
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
