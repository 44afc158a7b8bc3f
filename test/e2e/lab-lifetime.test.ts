import {
  type ChildProcessByStdio,
  type SpawnOptionsWithStdioTuple,
  spawn,
  spawnSync,
} from 'node:child_process'
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isLabPossible, type Lab, startLab } from '../lab/lab.ts'
import { inject, viewFromAppliance } from './lab-view.ts'

const verdict = await isLabPossible()
const nobody = 65_534
/** Root may have its tools where nobody else can read them. */
const canNobodyRunTools =
  process.getuid?.() === 0 && spawnSync('dnsmasq', ['--version'], { uid: nobody, gid: nobody }).status === 0
const piped: SpawnOptionsWithStdioTuple<'ignore', 'pipe', 'inherit'> = {
  stdio: ['ignore', 'pipe', 'inherit'],
}
const labModule = fileURLToPath(new URL('../lab/lab.ts', import.meta.url))

describe.skipIf(!verdict.possible)('a lab and the machine it runs on', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'labs-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const start = (name: string): Promise<Lab> =>
    startLab({ dataDir: join(folder, name), cloud: cloudOf(folder) })

  it('leaves no process and no named namespace after stop', async () => {
    const lab = await start('stopped')
    const pids = await descendants(process.pid)
    expect(pids.length).toBeGreaterThan(10)
    await lab.stop()
    await lab.stop()
    expect(await living(pids)).toEqual([])
    expect(await namedNamespaces()).toEqual([])
    await expect(lab.status()).rejects.toThrow('the lab has ended')
  })

  it('leaves nothing when its starter is killed', async () => {
    const script = starterScript(labModule, join(folder, 'killed'))
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], piped)
    await firstLine(starter.stdout)
    const pids = await descendants(starter.pid ?? 0)
    expect(pids.length).toBeGreaterThan(10)
    starter.kill('SIGKILL')
    await expect.poll(() => living(pids), { timeout: 3_000, interval: 20 }).toEqual([])
    expect(await namedNamespaces()).toEqual([])
  })

  it('ends when its own process is killed, and says so', async () => {
    const lab = await start('orphaned')
    const agent = await lab.spawn('appliance', 'agent', ['sleep', '600'])
    const pids = await descendants(process.pid)
    const unshare = pids[0] ?? 0
    expect(await readFile(`/proc/${unshare}/comm`, 'utf8')).toBe('unshare\n')
    process.kill(unshare, 'SIGKILL')
    await lab.ended
    expect(await agent.exited).toEqual({ code: null, signal: 'SIGKILL' })
    await expect.poll(() => living(pids), { timeout: 3_000, interval: 20 }).toEqual([])
    await lab.stop()
  })

  it('runs beside other labs that have the same addresses', async () => {
    const labs = await Promise.all(['one', 'two', 'three'].map(start))
    try {
      const [first, ...others] = labs
      await inject(first as Lab, 'pos-down', 'pos-1')
      expect(await viewFromAppliance(first as Lab).macsOf('192.168.77.21')).toEqual([])
      for (const lab of others) {
        expect(await viewFromAppliance(lab).macsOf('192.168.77.21')).toEqual(['00:0b:4f:11:52:01'])
      }
    } finally {
      await Promise.all(labs.map((lab) => lab.stop()))
    }
  })

  it('gives a program on the appliance no way to the machine', async () => {
    const lab = await start('closed')
    try {
      const links = await lab.exec('appliance', ['ip', '-br', 'link'])
      expect(
        links.stdout
          .split('\n')
          .map((line) => line.split(/[@ ]/)[0])
          .filter(Boolean),
      ).toEqual(['lo', 'eth0'])
      const answers = viewFromAppliance(lab)
      expect(await answers.dial('127.0.0.1', 22)).toBe('ECONNREFUSED')
    } finally {
      await lab.stop()
    }
  })

  it('works without any right on the machine, in a user namespace', async () => {
    const script = starterScript(labModule, join(folder, 'rootless'))
    const node = [process.execPath, '--input-type=module', '-e', script]
    await expectToComeAndGo(
      spawn('unshare', ['--user', '--map-root-user', '--kill-child', '--fork', ...node], piped),
    )
  })

  it.skipIf(!canNobodyRunTools)('works for an ordinary user', async () => {
    const home = join(folder, 'nobody')
    await mkdir(join(home, 'test'), { recursive: true })
    await chmod(folder, 0o755)
    await cp(dirname(labModule), join(home, 'test', 'lab'), { recursive: true })
    const zod = dirname(fileURLToPath(import.meta.resolve('zod')))
    await cp(await realpath(zod), join(home, 'node_modules', 'zod'), { recursive: true })
    await cp(process.execPath, join(home, 'node'))
    const data = join(home, 'data')
    await mkdir(data)
    await chown(data, nobody, nobody)
    const script = starterScript(join(home, 'test', 'lab', 'lab.ts'), data)
    const options = { ...piped, uid: nobody, gid: nobody, cwd: home }
    await expectToComeAndGo(spawn(join(home, 'node'), ['--input-type=module', '-e', script], options))
  })
})

async function expectToComeAndGo(starter: ChildProcessByStdio<null, Readable, null>): Promise<void> {
  const exited = new Promise((resolve) => starter.once('exit', resolve))
  const startedInMs = Number(await firstLine(starter.stdout))
  const pids = await descendants(starter.pid ?? 0)
  starter.kill('SIGKILL')
  await exited
  expect(startedInMs).toBeLessThan(3_000)
  expect(pids.length).toBeGreaterThan(10)
  await expect.poll(() => living(pids), { timeout: 3_000, interval: 20 }).toEqual([])
}

function cloudOf(folder: string): { mqttSocket: string; enrollSocket: string } {
  return { mqttSocket: join(folder, 'mqtt.sock'), enrollSocket: join(folder, 'enroll.sock') }
}

/** A program that starts a lab, prints how long it took, and waits to be killed. */
function starterScript(module: string, dataDir: string): string {
  return `import { startLab } from ${JSON.stringify(module)}
    const lab = await startLab({ dataDir: ${JSON.stringify(dataDir)}, cloud: ${JSON.stringify(cloudOf(dataDir))} })
    console.log(lab.startedInMs)
    await lab.ended`
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stream })) return line
  throw new Error('the program ended without a word')
}

/** Process ids of all children, their children, and so on; the eldest first. */
async function descendants(pid: number): Promise<number[]> {
  const found: number[] = []
  for (const task of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const text = await readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')
    for (const child of text.split(' ').filter(Boolean).map(Number))
      found.push(child, ...(await descendants(child)))
  }
  return found
}

/** Those of these processes that are not gone; one that waits to be buried does not count. */
async function living(pids: readonly number[]): Promise<number[]> {
  const states = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z')),
  )
  return pids.filter((_, index) => !/\) [ZX]/.test(states[index] ?? ''))
}

async function namedNamespaces(): Promise<string[]> {
  return readdir('/run/netns').catch(() => [])
}
