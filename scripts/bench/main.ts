import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { exitCodes } from '@proactive/shared'
import { ensureDebianTools } from '../debian/index.ts'
import { printSteps } from '../progress/steps.ts'
import { projectRoot } from '../setup/project-root.ts'
import { findOwnNetwork } from '../test/own-network.ts'
import { formatFigures, toJson } from './bench.ts'
import { benches } from './benches.ts'

const usage = `npm run bench -- NAME [--json]

Measures ours beside its peer, in a network of its own that has only loopback. The last line is one JSON object;
with --json it is the only one on stdout. Exit code 0: every promise held; 1: not held, or the run is invalid.

${benches.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`).join('\n')}
`
/** Promised end of every benchmark, set-up done. */
const deadlineMs = 8 * 60_000
/** Tells the re-executed program that it is inside. */
const insideFlag = 'PROACTIVE_BENCH_INSIDE'

const say = (line: string) => process.stderr.write(`${line}\n`)

async function main(argv: readonly string[]): Promise<number> {
  const options = { json: { type: 'boolean' }, help: { type: 'boolean' } } as const
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true })
  const [name, ...rest] = positionals
  if (values.help || name === undefined) {
    process.stdout.write(usage)
    return exitCodes.ok
  }
  const bench = benches.find((each) => each.name === name)
  if (bench === undefined || rest.length > 0) {
    say(
      `There is no benchmark "${positionals.join(' ')}"; choose one of: ${benches.map((each) => each.name).join(', ')}.`,
    )
    return exitCodes.usage
  }
  if (process.env[insideFlag] === '1') return runInside(bench.name, values.json === true)
  const tools = await ensureDebianTools(['unshare', 'iproute2', ...bench.tools], { onProgress: printSteps })
  for (const complaint of tools.complaints) say(complaint)
  const env = { ...process.env, ...tools.env, [insideFlag]: '1' }
  const prefix = await findOwnNetwork(env)
  if (prefix === undefined)
    say('no network namespace is possible here: the benchmark uses loopback of this machine only.')
  return runInOwnNetwork(
    [...(prefix ?? []), process.execPath, ...process.execArgv, import.meta.filename, ...argv],
    env,
  )
}

async function runInside(name: string, isJson: boolean): Promise<number> {
  const bench = benches.find((each) => each.name === name)
  if (bench === undefined) return exitCodes.usage
  const workDir = await mkdtemp(join(tmpdir(), `proactive-bench-${name}-`))
  try {
    const result = await bench.run({ say: (line) => say(`  ${line}`), workDir })
    if (!isJson) {
      process.stdout.write(`${bench.name}: ${bench.summary}\n${formatFigures(result.figures)}\n`)
      if (result.invalid !== undefined) process.stdout.write(`  invalid: ${result.invalid}\n`)
    }
    const json = toJson(name, result)
    process.stdout.write(`${json}\n`)
    return (JSON.parse(json) as { isHeld: boolean }).isHeld ? exitCodes.ok : exitCodes.failed
  } finally {
    await rm(workDir, { recursive: true, force: true })
  }
}

/** Runs ourselves again behind the prefix; signals are passed on, so that servers are taken down. */
function runInOwnNetwork(command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [file = '', ...args] = command
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: projectRoot, env, stdio: ['ignore', 'inherit', 'inherit'] })
    const deadline = setTimeout(() => {
      say(`the benchmark was stopped after ${deadlineMs / 60_000} minutes`)
      child.kill('SIGTERM')
    }, deadlineMs)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => child.kill(signal))
    child.on('error', (error) => {
      clearTimeout(deadline)
      say(`${file} could not be started: ${error.message}`)
      resolve(exitCodes.failed)
    })
    child.on('close', (code) => {
      clearTimeout(deadline)
      resolve(code ?? exitCodes.failed)
    })
  })
}

// Inside, a signal has to end the servers too: exit handlers of their launchers do that.
if (process.env[insideFlag] === '1')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(exitCodes.failed))

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = exitCodes.failed
}
