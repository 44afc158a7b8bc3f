import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { childrenOf, familyCpuSeconds, rssMbOf } from './cpu-time.ts'
import { ended } from './crowd-site.ts'

/** Another program that people put on such a box, while it runs. */
export interface RunningPeer {
  readonly name: string
  /** What it does meanwhile, so that nobody compares apples with oranges. */
  readonly does: string
  /** Why it does not run; undefined = it does. */
  complaint(): string | undefined
  rssMb(): number
  /** With its own helpers. */
  rssMbWithChildren(): number
  cpuSeconds(): number
  stop(): Promise<void>
}

interface PeerSpec {
  readonly name: string
  readonly does: string
  readonly program: string
  /** Writes the configuration and gives the arguments. `root` is where the package lies. */
  readonly prepare: (folder: string, root: string) => readonly string[]
}

const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`

/** As their packages configure them, with everything that calls home or listens beyond loopback off. */
const peerSpecs: readonly PeerSpec[] = [
  {
    name: 'netdata',
    does: 'its own machine each second: proc, cgroups, apps; no device of the LAN; cloud and statistics off',
    program: 'netdata',
    prepare(folder, root) {
      for (const name of ['config/cloud.d', 'cache', 'lib', 'log'])
        mkdirSync(join(folder, name), { recursive: true })
      writeFileSync(join(folder, 'config/.opt-out-from-anonymous-statistics'), '')
      writeFileSync(join(folder, 'config/cloud.d/cloud.conf'), lines('[global]', '  enabled = no'))
      const file = join(folder, 'config/netdata.conf')
      writeFileSync(
        file,
        lines(
          ...['[global]', '  run as user = root', '[directories]'],
          ...['config', 'cache', 'lib', 'log'].map((name) => `  ${name} = ${join(folder, name)}`),
          `  web = ${join(root, 'usr/share/netdata/web')}`,
          `  stock config = ${join(root, 'usr/lib/netdata/conf.d')}`,
          `  plugins = "${join(root, 'usr/lib/netdata/plugins.d')}"`,
          ...['[web]', '  bind to = 127.0.0.1:19999', '[statsd]', '  enabled = no'],
          ...['[cloud]', '  enabled = no', '[registry]', '  enabled = no'],
        ),
      )
      return ['-D', '-c', file]
    },
  },
  {
    name: 'zabbix-agent2',
    does: 'passive: waits for a server that does not ask; the floor of what it needs',
    program: 'zabbix_agent2',
    prepare(folder) {
      const file = join(folder, 'zabbix_agent2.conf')
      writeFileSync(
        file,
        lines(
          ...['LogType=file', `LogFile=${join(folder, 'log')}`, `PidFile=${join(folder, 'pid')}`],
          ...['Server=127.0.0.1', 'ListenIP=127.0.0.1', 'Hostname=bench'],
          ...[`ControlSocket=${join(folder, 'control')}`, `PluginSocket=${join(folder, 'plugin')}`],
        ),
      )
      return ['-f', '-c', file]
    },
  },
  {
    name: 'collectd',
    does: 'its own machine each 10 s: cpu, memory, load, interface, disk, df; no device of the LAN',
    program: 'collectd',
    prepare(folder, root) {
      const file = join(folder, 'collectd.conf')
      writeFileSync(
        file,
        lines(
          ...['Interval 10', 'Hostname "bench"', 'FQDNLookup false', `BaseDir "${folder}"`],
          ...[`PluginDir "${join(root, 'usr/lib/collectd')}"`, `PIDFile "${join(folder, 'pid')}"`],
          `TypesDB "${join(root, 'usr/share/collectd/types.db')}"`,
          ...['cpu', 'memory', 'load', 'interface', 'disk', 'df', 'csv'].map((name) => `LoadPlugin ${name}`),
          ...['<Plugin csv>', `  DataDir "${join(folder, 'csv')}"`, '</Plugin>'],
        ),
      )
      return ['-f', '-C', file]
    },
  },
]

/** Starts all of them; one that cannot be had says so and counts nothing. */
export function startPeers(workDir: string): RunningPeer[] {
  return peerSpecs.map((spec) => {
    const folder = join(workDir, `peer-${spec.name}`)
    mkdirSync(folder, { recursive: true })
    const found = findProgram(spec.program)
    if (found === undefined)
      return absent(spec, `${spec.program} is not here: Debian's package could not be fetched`)
    try {
      const args = spec.prepare(folder, found.root)
      return running(
        spec,
        spawn(found.launcher, [...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }),
      )
    } catch (error) {
      return absent(spec, error instanceof Error ? error.message : String(error))
    }
  })
}

function running({ name, does }: PeerSpec, child: ChildProcess): RunningPeer {
  let said = ''
  let complaint: string | undefined
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2_000)
    })
  child.once('error', (error) => {
    complaint = error.message
  })
  child.once('exit', (code, signal) => {
    complaint ??= `ended with ${signal ?? `code ${code}`}: ${said.trim().split('\n').at(-1) ?? ''}`
  })
  const pid = child.pid ?? 0
  return {
    name,
    does,
    complaint: () => complaint,
    rssMb: () => rssMbOf(pid),
    rssMbWithChildren: () => familyOf(pid).reduce((sum, one) => sum + rssMbOf(one), 0),
    cpuSeconds: () => familyCpuSeconds(pid),
    stop: () => ended(child),
  }
}

function absent({ name, does }: PeerSpec, why: string): RunningPeer {
  return {
    name,
    does,
    complaint: () => why,
    rssMb: () => 0,
    rssMbWithChildren: () => 0,
    cpuSeconds: () => 0,
    stop: () => Promise.resolve(),
  }
}

/** The process and what hangs below it. */
function familyOf(pid: number): number[] {
  try {
    return [pid, ...childrenOf(pid).flatMap(familyOf)]
  } catch {
    return []
  }
}

/** Where a program starts, and the folder of the extracted package behind it (`/` where it is installed). */
function findProgram(program: string): { launcher: string; root: string } | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      const launcher = join(folder, program)
      const real = realpathSync(launcher)
      // A launcher for a program with libraries of its own is a short script that names it.
      const behind = /^exec '([^']+)'/m.exec(readFileSync(real, 'latin1').slice(0, 4_000))?.[1] ?? real
      return { launcher, root: join(dirname(behind), '../..') }
    } catch {
      // Look in the next one.
    }
  }
  return undefined
}
