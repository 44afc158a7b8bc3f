import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { projectRoot } from '../../scripts/setup/project-root.ts'
import { canRunLab } from './fixture/stack.ts'

/** The commands as a newcomer types them, in a data folder of their own. */
describe.skipIf(!canRunLab)('npm start and npm run lab', () => {
  let dataDir = ''
  let typed: Typed[] = []
  const type = (...words: string[]) => {
    const command = typeCommand(dataDir, words)
    typed.push(command)
    return command
  }
  beforeEach(async () => {
    dataDir = await mkdtemp('/tmp/px-')
    typed = []
  })
  afterEach(async () => {
    for (const command of typed) await command.end('SIGINT')
    await rm(dataDir, { recursive: true, force: true })
  })

  it('shows a fault and its Issue from the command line, answers mistakes, and leaves nothing behind', async () => {
    const start = type('start', '--port', '0')
    await start.says(/^ready after/)

    const down = type('lab', 'fault', 'pos-down', 'pos-1', '--wait', '--json')
    expect(await down.exit()).toBe(0)
    expect(JSON.parse(down.lines.at(-1) ?? '')).toMatchObject({
      issues: [{ team: 'POS Team', product: expect.stringMatching(/./) }],
      childIssues: 0,
    })
    const up = type('lab', 'heal', 'pos-down', 'pos-1', '--wait', '--json')
    expect(await up.exit()).toBe(0)

    const mistyped = type('lab', 'fault', 'rooter-down')
    expect(await mistyped.exit()).toBe(2)
    expect(mistyped.lines.join('\n')).toMatch(/rooter-down.*router-down/s)

    const second = type('start', '--port', '0')
    expect(await second.exit()).toBe(2)
    expect(second.lines.join('\n')).toMatch(/already runs here at http:\S+ .*Ctrl-C/)

    // Twice, as where the process group and the launcher both deliver one Ctrl-C.
    start.signal('SIGINT')
    start.signal('SIGINT')
    expect(await start.exit()).toBe(0)
    expect(await processesWith(dataDir)).toEqual([])

    const late = type('lab', 'status')
    expect(await late.exit()).not.toBe(0)
    expect(late.lines.join('\n')).toMatch(/npm start/)
  })

  it('leaves nothing behind when it is asked to end while it still starts', async () => {
    const start = type('start', '--port', '0')
    await start.says(/^starting the virtual Location/)
    start.signal('SIGINT')
    expect(await start.exit()).not.toBe(0)
    // The virtual Location ends when its supervisor has: the kernel takes its namespace down a moment later.
    await expect.poll(() => processesWith(dataDir), { timeout: 5_000 }).toEqual([])
  })

  it('clears away what a killed start left, and starts again', async () => {
    const start = type('start', '--port', '0')
    await start.says(/^starting the virtual Location/)
    await killSupervisor(dataDir)
    await start.exit()
    const again = type('start', '--port', '0')
    await again.says(/^ready after/)
    again.signal('SIGTERM')
    expect(await again.exit()).toBe(0)
    expect(await processesWith(dataDir)).toEqual([])
  })

  it('names the program that holds its port, and the way out', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const address = holder.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const start = type('start', '--port', String(port))
    expect(await start.exit()).toBe(2)
    expect(start.lines.join('\n')).toMatch(
      new RegExp(`Port ${port} is taken by .*npm start -- --port ${port + 1}`),
    )
    holder.close()
  })
})

interface Typed {
  /** What it said so far, both streams. */
  readonly lines: readonly string[]
  /** Resolves at the first line that matches; fails when it ends before. */
  says(pattern: RegExp): Promise<void>
  exit(): Promise<number | null>
  signal(signal: NodeJS.Signals): void
  end(signal: NodeJS.Signals): Promise<void>
}

function typeCommand(dataDir: string, words: readonly string[]): Typed {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(projectRoot, 'scripts', 'bootstrap.mjs'), ...words],
    {
      cwd: projectRoot,
      env: { ...process.env, PROACTIVE_DATA: dataDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const lines: string[] = []
  const listeners = new Set<(line: string) => void>()
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      for (const listener of listeners) listener(line)
    })
  }
  const closed = once(child, 'close').then(([code]) => code as number | null)
  const signal = (name: NodeJS.Signals) => void child.kill(name)
  return {
    lines,
    signal,
    exit: () => closed,
    says: (pattern) =>
      Promise.race([
        new Promise<void>((resolve) => {
          if (lines.some((line) => pattern.test(line))) resolve()
          listeners.add((line) => pattern.test(line) && resolve())
        }),
        closed.then((code) => {
          throw new Error(`it ended with ${code} before it said ${pattern}:\n${lines.join('\n')}`)
        }),
      ]),
    end: async (name) => {
      if (child.exitCode === null && child.signalCode === null) signal(name)
      await closed
    },
  }
}

/** kill -9 of the process that supervises the run in this data folder. */
async function killSupervisor(dataDir: string): Promise<void> {
  const run = JSON.parse(await readFile(join(dataDir, 'run.json'), 'utf8')) as { supervisor: { pid: number } }
  process.kill(run.supervisor.pid, 'SIGKILL')
}

/** Programs that still live and were told this data folder, by argument or by environment. */
async function processesWith(dataDir: string): Promise<string[]> {
  const found: string[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const [args, env, exe] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
      readlink(`/proc/${pid}/exe`).catch(() => ''),
    ])
    if (exe !== '' && (args.includes(dataDir) || env.includes(dataDir)))
      found.push(args.replaceAll('\0', ' '))
  }
  return found
}
