import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { exitCodes, UsageError } from '@proactive/shared'
import { startTools } from '../debian/index.ts'
import { formatSeconds, printSteps } from '../progress/steps.ts'
import { setUp } from '../setup/set-up.ts'
import { clearLeftovers, openRunRecord } from '../stack/leftovers.ts'
import { dataFolder } from '../stack/paths.ts'
import { parseArguments } from './arguments.ts'
import { startCloudOnly } from './cloud-only.ts'
import { type RunningStart, startDemo } from './demo.ts'
import { askedToEnd } from './end-request.ts'
import { portHolder } from './port-holder.ts'

/** How long a start that was asked to end may take to notice that its programs are gone. */
const startGraceMs = 5_000

const say = (line: string) => process.stderr.write(`${line}\n`)

// A terminal that was closed, or a launcher that is gone, must not end this program before its children.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

/** Runs until a signal or a part's end; resolves with the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const startedAtMs = performance.now()
  const args = parseArguments(argv)
  const dataDir = dataFolder(process.env)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const other = await clearLeftovers(dataDir)
  if (other !== undefined) {
    throw new UsageError(
      `Proactive already ${other.url === '' ? 'starts here' : `runs here at ${other.url}`} (process ${other.pid}); end it with Ctrl-C there, or set PROACTIVE_DATA to another folder.`,
    )
  }
  await refuseTakenPort(args.port)
  const run = openRunRecord(dataDir)
  const asked = askedToEnd(process, () => {
    say('asked again; ending everything at once')
    void run.endAll().finally(() => process.exit(exitCodes.failed))
  })
  const starting = start()
  const running = await Promise.race([starting, asked])
  if (typeof running === 'string') {
    say(`\n${running} while starting; stopping …`)
    await run.endAll()
    await Promise.race([
      starting.then(
        ({ stop }) => stop(),
        () => undefined,
      ),
      setTimeout(startGraceMs),
    ])
    run.forget()
    return exitCodes.failed
  }
  const reason = await Promise.race([asked, running.ended])
  say(`\n${reason}; stopping …`)
  await running.stop()
  say('stopped; nothing is left running')
  return reason.startsWith('asked') ? exitCodes.ok : exitCodes.failed

  async function start(): Promise<RunningStart> {
    const { tools } = await setUp({ tools: args.isCloudOnly ? ['influxdb'] : startTools, step: printSteps })
    for (const complaint of tools.complaints) say(complaint)
    const env = { ...process.env, PATH: tools.env.PATH }
    const hasInflux = !tools.missing.includes('influxdb')
    const elapsed = () => formatSeconds(performance.now() - startedAtMs)
    const options = { args, dataDir, run, env, hasInflux, say, elapsed }
    return await (args.isCloudOnly ? startCloudOnly(options) : startDemo(options))
  }
}

async function refuseTakenPort(port: number): Promise<void> {
  const holder = port === 0 ? undefined : await portHolder(port)
  if (holder === undefined) return
  throw new UsageError(
    `Port ${port} is taken by ${holder}; end that program or choose another port: npm start -- --port ${port + 1}`,
  )
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  if (!(error instanceof UsageError)) say(`Look at the logs in ${join(dataFolder(process.env), 'logs')}.`)
  process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failed
}
// Handles of a part that failed to start must not keep the terminal.
process.exit()
