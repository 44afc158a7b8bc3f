import { exitCodes, UsageError } from '@proactive/shared'
import { formatSeconds } from '../progress/steps.ts'
import { parseArguments } from './arguments.ts'
import { runFleetOnWorkers } from './fleet-workers.ts'
import { brokenPromises, createReport, printReport } from './report.ts'

const progressEveryMs = 5_000
const say = (line: string) => process.stderr.write(`${line}\n`)

async function main(argv: readonly string[]): Promise<number> {
  const args = parseArguments(argv)
  const startedAtMs = performance.now()
  const abort = new AbortController()
  // A second Ctrl-C is left to the default, so that an impatient user gets out.
  process.once('SIGINT', () => abort.abort())
  process.once('SIGTERM', () => abort.abort())
  const wanted = args.locations * args.days
  say(
    `simulating ${args.locations} Locations × ${args.days} day(s), seed ${args.seed}, on ${args.workers} thread(s)`,
  )
  let done = 0
  const progress = setInterval(() => {
    const elapsedMs = performance.now() - startedAtMs
    const rest = done === 0 ? '' : `, about ${formatSeconds((elapsedMs / done) * (wanted - done))} to go`
    say(`  ${done.toFixed(1)} of ${wanted} Location-days after ${formatSeconds(elapsedMs)}${rest}`)
  }, progressEveryMs)
  try {
    const score = await runFleetOnWorkers(
      args,
      (days) => {
        done += days
      },
      abort.signal,
    )
    const wallMs = performance.now() - startedAtMs
    const report = createReport(score, wallMs)
    process.stdout.write(`${printReport(args, report, score, wallMs)}\n`)
    if (args.isJson) process.stdout.write(`${JSON.stringify(report)}\n`)
    return brokenPromises(report, score).length === 0 ? exitCodes.ok : exitCodes.degraded
  } finally {
    clearInterval(progress)
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  say(
    error instanceof Error
      ? error instanceof UsageError
        ? error.message
        : (error.stack ?? error.message)
      : String(error),
  )
  process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failed
}
