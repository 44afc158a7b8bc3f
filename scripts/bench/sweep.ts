import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bundleProgram } from '../../firmware-image/src/root/programs.ts'
import { runProgram } from '../process/run-program.ts'
import { projectRoot } from '../setup/project-root.ts'
import { type Bench, type BenchContext, type Figure, median } from './bench.ts'
import { familyCpuSeconds } from './cpu-time.ts'
import { type Crowd, startCrowd } from './crowd.ts'
import { readUnit } from './crowd-site.ts'

const shipped = readUnit()
const live = 200
const runsEach = 5
const losses = [0, 5] as const
const engines = ['udp-poke', 'arp-scan'] as const
type Engine = (typeof engines)[number]
const workerMs = 30_000

interface Run {
  readonly lossPercent: number
  readonly live: number
  readonly found: number
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly engine: Engine
}

interface PeerRun extends Omit<Run, 'engine'> {
  readonly name: string
}

/** What is promised, medians of five runs. */
const wallAtMost = {
  'udp-poke': { 0: 0.7, 5: 4.5 },
  'arp-scan': { 0: 0.7, 5: 2 },
} as const
const cpuAtMost = 0.25

/** How a running agent finds 200 devices on a /24, beside the programs people use for it. */
export const sweepBench: Bench = {
  name: 'sweep',
  summary: '200 live devices on a /24, with and without loss, beside arp-scan, nmap and fping',
  tools: ['nftables', 'fping', 'arp-scan', 'nmap'],
  async run(context) {
    const worker = new URL('sweep-worker.ts', import.meta.url).pathname
    await bundleProgram(projectRoot, worker, context.workDir, 'sweep-worker')
    const crowd = await startCrowd({ devices: live, macPrefix: '00:0b:4f' })
    try {
      const runs: Run[] = []
      const peers: PeerRun[] = []
      for (const lossPercent of losses) {
        await crowd.setLoss(lossPercent)
        for (const engine of engines) {
          for (let index = 0; index < runsEach; index++)
            runs.push(await sweepOnce(context, crowd, engine, lossPercent))
          const mine = runs.filter((run) => run.engine === engine && run.lossPercent === lossPercent)
          const [found, wall] = [medianOf(mine, 'found'), medianOf(mine, 'wallSeconds')]
          context.say(`${engine}, ${lossPercent} % loss each way: ${found} found in ${wall.toFixed(2)} s`)
        }
        for (const peer of peersOf(crowd)) peers.push(await runPeer(crowd, peer, lossPercent))
      }
      return { figures: [...engines.flatMap((engine) => figuresOf(engine, runs))], fields: { runs, peers } }
    } finally {
      await crowd.stop()
    }
  },
}

async function sweepOnce(
  { workDir }: BenchContext,
  crowd: Crowd,
  engine: Engine,
  lossPercent: number,
): Promise<Run> {
  // Without a link the agent's first sweep has nobody to ask; the one that counts is cold and inside a running agent.
  await crowd.setCable(false)
  const settings = { networks: [crowd.network], isClockTrusted: true }
  const worker = spawn(
    process.execPath,
    [
      ...shipped.flags,
      join(workDir, 'sweep-worker.mjs'),
      JSON.stringify({ settings, engine, dataDir: workDir }),
    ],
    { env: { ...process.env, ...shipped.env }, stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const timer = setTimeout(() => worker.kill('SIGKILL'), workerMs)
  try {
    const lines = createInterface({ input: worker.stdout })[Symbol.asyncIterator]()
    await lines.next()
    await crowd.setCable(true)
    worker.stdin.write('sweep\n')
    const line = await lines.next()
    if (line.done === true) throw new Error('the agent of the benchmark ended before its sweep did')
    const told = JSON.parse(line.value) as Pick<Run, 'found' | 'wallSeconds' | 'cpuSeconds'>
    await ended(worker)
    return { lossPercent, live, ...rounded(told), engine }
  } finally {
    clearTimeout(timer)
    worker.kill('SIGKILL')
  }
}

function figuresOf(engine: Engine, runs: readonly Run[]): Figure[] {
  return losses.flatMap((lossPercent) => {
    const mine = runs.filter((run) => run.engine === engine && run.lossPercent === lossPercent)
    const name = `${engine}, ${lossPercent} % loss`
    return [
      { name: `${name}, found`, value: medianOf(mine, 'found'), unit: 'devices', atLeast: live },
      {
        name: `${name}, time`,
        value: medianOf(mine, 'wallSeconds'),
        unit: 's',
        atMost: wallAtMost[engine][lossPercent],
      },
      { name: `${name}, processor time`, value: medianOf(mine, 'cpuSeconds'), unit: 's', atMost: cpuAtMost },
    ]
  })
}

interface Peer {
  readonly name: string
  readonly argv: readonly [string, ...string[]]
  readonly found: (stdout: string) => number
}

/** As a person would start them; each also finds the appliance itself or not, which is taken off. */
function peersOf({ network, interface: name, applianceIp }: Crowd): readonly Peer[] {
  const lines = (stdout: string, pattern: RegExp) =>
    new Set(
      [...stdout.matchAll(pattern)].flatMap(([, ip]) => (ip === undefined || ip === applianceIp ? [] : [ip])),
    ).size
  return [
    {
      name: 'arp-scan -l',
      argv: ['arp-scan', `--interface=${name}`, '--plain', network],
      found: (stdout) => lines(stdout, /^([\d.]+)\s+[0-9a-f]{2}:/gm),
    },
    {
      name: 'nmap -sn -n -T4',
      argv: ['nmap', '-sn', '-n', '-T4', '-oG', '-', network],
      found: (stdout) => lines(stdout, /^Host: ([\d.]+) .*Status: Up/gm),
    },
    {
      name: 'fping -a -g',
      argv: ['fping', '-a', '-q', '-g', network],
      found: (stdout) => lines(stdout, /^([\d.]+)$/gm),
    },
  ]
}

async function runPeer(crowd: Crowd, { name, argv, found }: Peer, lossPercent: number): Promise<PeerRun> {
  await crowd.setCable(false)
  await crowd.setCable(true)
  const [program, ...args] = argv
  const cpuBefore = familyCpuSeconds(process.pid)
  const ownBefore = process.cpuUsage()
  const startedAt = performance.now()
  const { stdout } = await runProgram(program, args, { timeoutMs: workerMs })
  const wallSeconds = (performance.now() - startedAt) / 1_000
  const own = process.cpuUsage(ownBefore)
  const cpuSeconds = Math.max(0, familyCpuSeconds(process.pid) - cpuBefore - (own.user + own.system) / 1e6)
  return { name, lossPercent, live, ...rounded({ found: found(stdout), wallSeconds, cpuSeconds }) }
}

const thousandths = (value: number): number => Math.round(value * 1_000) / 1_000

function rounded<T extends { found: number; wallSeconds: number; cpuSeconds: number }>(run: T): T {
  return { ...run, wallSeconds: thousandths(run.wallSeconds), cpuSeconds: thousandths(run.cpuSeconds) }
}

function medianOf(runs: readonly Run[], key: 'found' | 'wallSeconds' | 'cpuSeconds'): number {
  return median(runs.map((run) => run[key]))
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
