/**
 * A running agent that sweeps when told to: started by the benchmark with its settings, answers the line `sweep` with what that took, once.
 * The clock runs from the first packet to the last live host that the agent told; processor time is the whole process and its children.
 */
import '../../agent/src/small-heap.ts'
import { createInterface } from 'node:readline'
import { createMemorySpool } from '../../agent/src/adapters/memory-spool.ts'
import { createAgent } from '../../agent/src/agent.ts'
import { CloudLinkError, type Log, type RunEntry, silentLog } from '../../agent/src/ports/index.ts'
import { realLan } from '../../agent/src/real-world.ts'
import { settingsSchema } from '../../agent/src/settings/settings.ts'
import { familyCpuSeconds } from './cpu-time.ts'

const { settings, engine, dataDir } = JSON.parse(process.argv[2] ?? '') as {
  settings: unknown
  engine: 'udp-poke' | 'arp-scan'
  dataDir: string
}
/** The agent hears of the cable by the kernel's own message. */
const cableMs = 400

let firstPacketMs: number | undefined
let lastToldMs = 0
let told = 0
const noteFirstPacket = () => {
  firstPacketMs ??= performance.now()
}
const log: Log = {
  ...silentLog,
  info(_, sentence) {
    if (sentence !== 'a new device') return
    told++
    lastToldMs = performance.now()
  },
}
const installation = {
  dataDir,
  settingsFile: 'none',
  settings: settingsSchema.parse(settings),
  bootIdFile: '/proc/sys/kernel/random/boot_id',
}
const world = realLan(installation, log, process.env)
const { arp, lan } = world
let run: RunEntry | undefined
const agent = createAgent({
  ...world,
  lan: {
    ...lan,
    poke(ips) {
      noteFirstPacket()
      return lan.poke(ips)
    },
  },
  arp: {
    ...arp,
    isAvailable: () => engine === 'arp-scan' && arp.isAvailable(),
    sweep(name, ips, tries) {
      noteFirstPacket()
      return arp.sweep?.(name, ips, tries) ?? Promise.resolve([])
    },
  },
  spool: createMemorySpool(),
  journal: {
    bootId: () => 'bench',
    previous: () => run,
    write: (entry) => {
      run = entry
    },
  },
  cloudLink: { open: () => Promise.reject(new CloudLinkError('a benchmark connects nowhere')) },
})
await agent.start()
console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'sweep') continue
  let cpuBefore: number
  // On a busy machine the cable may not be heard yet: then there was nobody to ask.
  do {
    await new Promise((resolve) => setTimeout(resolve, cableMs))
    cpuBefore = familyCpuSeconds(process.pid)
    await agent.sweep()
  } while (firstPacketMs === undefined)
  const cpuSeconds = familyCpuSeconds(process.pid) - cpuBefore
  const wallSeconds = (lastToldMs - firstPacketMs) / 1_000
  console.log(JSON.stringify({ found: told, wallSeconds, cpuSeconds }))
  break
}
await agent.stop('shutdown')
process.exit(0)
