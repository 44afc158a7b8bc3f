import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { exitCodes, UsageError } from '@proactive/shared'
import type { Profile } from '../../ingest/src/faults/index.ts'
import { formatReplay } from './print.ts'
import { replay } from './replay.ts'
import { parseTimeline } from './timeline.ts'

const usage = `npm run replay -- FILE.jsonl [--json] [--profile production|lab]

Runs a recorded timeline of one Location through the fault core as it is now, and tells which incidents come of it.
Each line of the file is one event of the log: {"nowMs": …, "origin": {…}, "event": {…}}; \`-\` reads standard input.

  --json      one JSON object {incidents, verdicts} instead of the table
  --profile   how long things must stay well: production (default, 5 min) or lab (20 s)

Example: npm run replay -- test/fixtures/router-down-backup/input.jsonl
`

/** Largest file: days of one Location's log. */
const maxBytes = 512 * 2 ** 20

function main(argv: readonly string[]): number {
  const { values, positionals } = readArguments(argv)
  if (values.help) {
    process.stdout.write(usage)
    return exitCodes.ok
  }
  const [file, ...rest] = positionals
  if (file === undefined || rest.length > 0)
    throw new UsageError('Name one timeline: npm run replay -- FILE.jsonl')
  const profile = values.profile ?? 'production'
  if (!isProfile(profile)) throw new UsageError(`There is no profile "${profile}"; choose production or lab.`)
  const result = replay(parseTimeline(readText(file)), { env: 'replay', profile })
  process.stdout.write(`${values.json ? JSON.stringify(result) : formatReplay(result)}\n`)
  return exitCodes.ok
}

function readArguments(argv: readonly string[]) {
  const options = {
    json: { type: 'boolean' },
    help: { type: 'boolean' },
    profile: { type: 'string' },
  } as const
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message : String(error)} (--help lists what there is)`,
    )
  }
}

function isProfile(name: string): name is Profile {
  return name === 'production' || name === 'lab'
}

function readText(file: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new UsageError(`The timeline ${file} cannot be read (${code}): name a file of JSON Lines.`)
  }
  if (bytes.length > maxBytes)
    throw new UsageError(
      `The timeline is larger than ${maxBytes / 2 ** 20} MiB: split it by Location or day.`,
    )
  return bytes.toString('utf8')
}

try {
  process.exitCode = main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = exitCodes.usage
}
