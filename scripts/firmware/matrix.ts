import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BuiltImage } from '../../firmware-image/src/build.ts'
import { ensureTestKit, findTestKit, testKitCommand } from '../../firmware-image/src/machine/test-kit.ts'
import { ensureDebianTools } from '../debian/index.ts'
import { formatSeconds, printSteps } from '../progress/steps.ts'
import { findOwnNetwork } from '../test/own-network.ts'
import { cardCases, startCases } from './appliance-cases.ts'
import { bundleCases } from './bundle-cases.ts'
import { type Bench, type FirmwareCase, type ImageName, type Images, imageNames } from './case.ts'
import { buildTestImage, nextVersion, outFolderOf, readVersion } from './images.ts'
import { layoutCases } from './layout-cases.ts'
import { type CaseResult, writeReport } from './report.ts'
import { reproducibleCase } from './reproducible-case.ts'
import { openResults } from './results.ts'
import { selectionCases } from './selection-cases.ts'
import { stopTestClouds } from './test-cloud.ts'
import { trialCases, updateCases } from './update-cases.ts'

export interface MatrixOptions {
  readonly arch: string | undefined
  readonly only: string | undefined
  /** Takes over what held before on the same images. */
  readonly isResumed: boolean
  readonly say: (line: string) => void
}

/** An emulated start keeps about one processor busy. */
const SIDE_BY_SIDE = Math.min(2, availableParallelism())

const imagesFile = join(outFolderOf('.'), 'test-images.json')

const casesOf = ({ arch, only }: MatrixOptions): FirmwareCase[] => {
  const all = [
    ...layoutCases,
    ...bundleCases,
    reproducibleCase,
    // The longest first, and last those that wait for what it installs.
    ...updateCases,
    ...startCases,
    ...selectionCases,
    ...cardCases,
    ...trialCases,
  ]
  return all.filter(
    (one) =>
      (arch === undefined || one.needs.some((name) => name.startsWith(arch))) &&
      (only === undefined || one.name.toLowerCase().includes(only.toLowerCase())),
  )
}

/** Builds what the cases need, then runs them in a network of their own that has only loopback. */
export async function testFirmware(options: MatrixOptions): Promise<number> {
  const { say } = options
  const wanted = casesOf(options)
  if (wanted.length === 0) {
    say('No case has these words in its name.')
    return 2
  }
  await ensureTestKit(process.env, printSteps)
  const isNeeded = (name: ImageName) => wanted.some(({ needs }) => needs.includes(name))
  const images: Partial<Record<ImageName, BuiltImage>> = {}
  for (const name of imageNames.filter(isNeeded)) images[name] = await buildOne(name)
  await writeFile(imagesFile, JSON.stringify(images))
  const { env } = await ensureDebianTools(['iproute2', 'unshare'])
  const prefix = await findOwnNetwork({ ...process.env, ...env })
  if (prefix === undefined) {
    say(
      'This machine allows no network namespace (Linux, as root or with user namespaces); the tests would not be alone.',
    )
    return 1
  }
  return await runInside(
    [
      ...prefix,
      process.execPath,
      ...process.execArgv,
      process.argv[1] ?? '',
      'run-cases',
      ...process.argv.slice(3),
    ],
    { ...process.env, ...env },
  )
}

async function buildOne(name: ImageName): Promise<BuiltImage> {
  switch (name) {
    case 'amd64':
      return await buildTestImage('amd64')
    case 'amd64Again':
      return await buildTestImage('amd64', { outFolder: outFolderOf('amd64-again') })
    case 'amd64Next':
      return await buildTestImage('amd64', {
        outFolder: outFolderOf('amd64-next'),
        version: nextVersion(await readVersion()),
      })
    case 'arm64':
      return await buildTestImage('pi')
  }
}

function runInside(command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [file = '', ...args] = command
  return new Promise((resolve) => {
    const child = spawn(file, args, { env, stdio: 'inherit' })
    const pass = (signal: NodeJS.Signals) => child.kill(signal)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, pass)
    child.on('error', () => resolve(1))
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** The second half of `test`: runs the cases, two side by side where that disturbs no measurement, and says how each ended. */
export async function runCases(options: MatrixOptions): Promise<number> {
  const { say, only, arch, isResumed } = options
  const kit = findTestKit(process.env)
  if (kit === undefined) {
    say(`The tools are missing; fetch them with: ${testKitCommand}`)
    return 1
  }
  const images = JSON.parse(await readFile(imagesFile, 'utf8')) as Images
  const folder = await mkdtemp(join(tmpdir(), 'proactive-firmware-'))
  const bench = { tools: kit.tools, busybox: kit.busybox, folder, images }
  const kept = await openResults(images)
  const cases = casesOf(options)
  const results = new Map<string, CaseResult>()
  const stop = () => {
    void stopTestClouds()
      .then(() => rm(folder, { recursive: true, force: true }))
      .finally(() => process.exit(130))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  const startedAtMs = performance.now()
  let taken = 0
  const report = async () => {
    if (only !== undefined || arch !== undefined) return
    const found = cases.map((one) => results.get(one.name) ?? (isResumed ? kept.find(one) : undefined))
    const shown = found.filter((result) => result !== undefined)
    await writeReport({
      results: shown,
      missing: cases.filter((_one, index) => found[index] === undefined).map(({ name }) => name),
      images: Object.values(images),
      inOneGoSeconds: taken === 0 ? (performance.now() - startedAtMs) / 1000 : undefined,
      sideBySide: SIDE_BY_SIDE,
    })
  }
  const runOne = async (one: FirmwareCase) => {
    const known = isResumed ? kept.find(one) : undefined
    if (known !== undefined) taken++
    const result = known ?? (await runCase(one, { ...bench, meter: { cpuSeconds: 0 } }))
    if (known === undefined) await kept.keep(one, result)
    results.set(one.name, result)
    const when = `${known === undefined ? '' : 'before, '}${formatSeconds(result.seconds * 1000)}`
    say(`${result.isOk ? 'ok    ' : 'FAILED'} ${one.name} (${when})\n       ${result.words}`)
    await report()
  }
  try {
    for (const one of cases.filter(({ isAlone }) => isAlone)) await runOne(one)
    const queue = cases.filter(({ isAlone }) => !isAlone)
    const work = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await runOne(next)
    }
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const failed = [...results.values()].filter(({ isOk }) => !isOk).length
  process.stdout.write(
    `${results.size - failed} passed, ${failed} failed, 0 skipped in ${formatSeconds(performance.now() - startedAtMs)}\n`,
  )
  return failed === 0 ? 0 : 1
}

/** Now and then a kernel dies of its emulated processor, seconds after its start; that says nothing about the image. */
const EMULATOR_PANIC = /Kernel panic - not syncing: Fatal exception in interrupt/

async function runCase(one: FirmwareCase, bench: Bench): Promise<CaseResult> {
  const startedAtMs = performance.now()
  const attempt = () =>
    one.run(bench).then(
      (words) => ({ isOk: true, words }),
      (error: unknown) => ({ isOk: false, words: error instanceof Error ? error.message : String(error) }),
    )
  let seen = await attempt()
  if (!seen.isOk && EMULATOR_PANIC.test(seen.words)) {
    const again = await attempt()
    seen = {
      ...again,
      words: `${again.words} (second try: in the first the emulated processor made the kernel panic)`,
    }
  }
  const seconds = (performance.now() - startedAtMs) / 1000
  const { cpuSeconds } = bench.meter
  return { name: one.name, ...seen, seconds, cpuSeconds, load: loadavg()[0] ?? 0 }
}
