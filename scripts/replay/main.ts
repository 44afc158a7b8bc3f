import { readFileSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { exitCodes, UsageError } from '@proactive/shared'
import type { Profile } from '../../ingest/src/faults/index.ts'
import { compareFolder, formatDifferences } from './compare.ts'
import { formatReplay } from './print.ts'
import { readInput } from './read-input.ts'
import { replay } from './replay.ts'

const usage = `npm run replay -- FILE.jsonl [--json] [--profile production|lab]
npm run replay -- FOLDER --compare [--json]

Runs a recorded timeline of one Location through the fault core as it is now, and tells which incidents come of it.
The file is a recording: one line of directory data, then one line {"atMs": …, "topic": …, "payload": {…}} a message
(docs/recordings.md); a dump of the log, {"nowMs": …, "origin": {…}, "event": {…}} a line, is read too. \`-\` reads standard input.

  --compare   replays every <case>/input.jsonl below the folder and prints what the rules as they are now open, leave out or
              change against the stored <case>/expected.json; exit code 1 where anything differs
  --json      one JSON object {incidents, verdicts} instead of the table
  --profile   how long things must stay well: production (default, 5 min) or lab (20 s)

Examples:
  npm run replay -- test/fixtures/router-down-backup/input.jsonl
  npm run replay -- test/fixtures --compare
`

/** Largest file: days of one Location's log; a little under the longest text that Node can hold. */
const maxBytes = 500 * 2 ** 20

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
  if (values.compare) {
    const differences = compareFolder(file, profile)
    process.stdout.write(
      `${values.json ? JSON.stringify({ differences }) : formatDifferences(differences, file)}\n`,
    )
    return differences.length === 0 ? exitCodes.ok : exitCodes.failed
  }
  const { entries, directory } = readInput(readText(file))
  const result = replay(entries, { env: 'replay', profile, directory })
  process.stdout.write(`${values.json ? JSON.stringify(result) : formatReplay(result)}\n`)
  return exitCodes.ok
}

function readArguments(argv: readonly string[]) {
  const options = {
    json: { type: 'boolean' },
    compare: { type: 'boolean' },
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
    if (file !== '-') refuseTooLarge(statSync(file).size)
    bytes = readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    if (error instanceof UsageError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new UsageError(`The timeline ${file} cannot be read (${code}): name a file of JSON Lines.`)
  }
  refuseTooLarge(bytes.length)
  return bytes.toString('utf8')
}

function refuseTooLarge(size: number): void {
  if (size > maxBytes)
    throw new UsageError(
      `The timeline is larger than ${maxBytes / 2 ** 20} MiB: split it by Location or day.`,
    )
}

try {
  process.exitCode = main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = exitCodes.usage
}
