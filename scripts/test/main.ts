import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testTools } from '../debian/index.ts'
import { printSteps } from '../progress/steps.ts'
import { projectRoot } from '../setup/project-root.ts'
import { setUp } from '../setup/set-up.ts'
import { findChromium, installCommand, missingExtras } from '../setup/test-extras.ts'
import { findOwnNetwork } from './own-network.ts'
import { countTests, formatCounts } from './summary.ts'

const usage = `npm test [-- words of file names] [-- vitest options]
npm run test:full   also runs the long tests

Sets up what is missing and runs the tests in a network of their own that has only loopback.`

const RUN_DEADLINE_MS = 20 * 60_000
const FULL_RUN_DEADLINE_MS = 6 * 3600_000
/** Time for the tests to take their labs down after SIGTERM. */
const GRACE_MS = 15_000

const say = (line: string) => process.stderr.write(`${line}\n`)

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(`${usage}\n`)
    return 0
  }
  const isFull = argv.includes('--full')
  const { tools } = await setUp({ tools: testTools, step: printSteps })
  for (const complaint of tools.complaints) say(complaint)

  const env: NodeJS.ProcessEnv = { ...process.env, ...tools.env }
  if (!process.stdout.isTTY) env.NO_COLOR = '1'
  if (isFull) env.PROACTIVE_FULL = '1'
  const chromium = findChromium(process.env)
  if (chromium !== undefined) env.CHROMIUM = chromium
  const extras = missingExtras().filter(
    (extra) => chromium === undefined || !extra.packages.includes('chromium'),
  )
  for (const extra of extras)
    say(`not tested: ${extra.neededFor}; to test it, run: ${installCommand([extra])}`)

  const prefix = await findOwnNetwork(env)
  if (prefix === undefined) {
    say(
      'not tested: the virtual Location, because this machine allows no network namespace (Linux, as root or with user namespaces).',
    )
    env.PROACTIVE_NO_NAMESPACES = '1'
  }
  return await runTests(
    prefix ?? [],
    argv.filter((arg) => arg !== '--full'),
    env,
    isFull,
  )
}

async function runTests(
  prefix: readonly string[],
  filters: readonly string[],
  env: NodeJS.ProcessEnv,
  isFull: boolean,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'proactive-test-'))
  const reportPath = join(folder, 'report.json')
  try {
    const vitest = join(projectRoot, 'node_modules', 'vitest', 'vitest.mjs')
    const flags = [
      '--disable-warning=ExperimentalWarning',
      vitest,
      'run',
      '--reporter=dot',
      '--reporter=json',
    ]
    const command = [...prefix, process.execPath, ...flags, `--outputFile.json=${reportPath}`, ...filters]
    const exitCode = await runWatched(command, env, isFull ? FULL_RUN_DEADLINE_MS : RUN_DEADLINE_MS)
    const counts = countTests(await readFile(reportPath, 'utf8').catch(() => undefined), exitCode)
    process.stdout.write(`${formatCounts(counts)}\n`)
    return counts.failed > 0 || exitCode !== 0 ? 1 : 0
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs a command on our own terminal; signals are passed on, so that tests can clean up. */
function runWatched(command: readonly string[], env: NodeJS.ProcessEnv, timeoutMs: number): Promise<number> {
  const [file = '', ...args] = command
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: projectRoot, env, stdio: ['ignore', 'inherit', 'inherit'] })
    const end = () => {
      child.kill('SIGTERM')
      setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref()
    }
    const deadline = setTimeout(() => {
      say(`the tests were stopped after ${timeoutMs / 60_000} minutes`)
      end()
    }, timeoutMs)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
    child.on('error', (error) => say(`${file} could not be started: ${error.message}`))
    child.on('close', (code) => {
      clearTimeout(deadline)
      resolve(code ?? 1)
    })
  })
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.stdout.write(`${formatCounts({ passed: 0, failed: 1, skipped: 0 })}\n`)
  process.exitCode = 1
}
