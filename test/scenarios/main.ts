import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readInput } from '../../scripts/replay/read-input.ts'
import { toRecording } from '../../scripts/replay/recording.ts'
import { replay } from '../../scripts/replay/replay.ts'
import { verdictOf } from '../../scripts/replay/verdict.ts'
import { scenarios } from './list.ts'
import { type Scenario, siteOf } from './scenario.ts'

/**
 * Plays every story and writes it down as a recording with what came of it, into `test/fixtures/<name>/`.
 * Refuses a story whose end is not the one that it declares: what a fixture expects was thought of before it was seen.
 */
const fixtures = join(import.meta.dirname, '..', 'fixtures')

const directory = {
  routing: [
    { team: 'Network Team', role: 'router' },
    { team: 'Network Team', role: 'switch' },
    { team: 'Line Team', role: 'internet' },
    { team: 'POS Team', product: 'Vx520' },
    { team: 'Processor Desk', role: 'payment-processor' },
    { team: 'Service Desk' },
  ],
  products: { 'pos-1': 'Vx520', 'pos-2': 'Vx520', 'pos-3': 'Vx520' },
}

function write(scenario: Scenario): string[] {
  const { name, why, expected, play } = scenario
  const site = siteOf(scenario).settle()
  play(site)
  const text = toRecording(site.log, directory)
  const input = readInput(text)
  const { incidents } = replay(input.entries, {
    env: 'replay',
    profile: 'production',
    directory: input.directory,
  })
  const told = incidents.map(({ cause, rootDevice }) => `${cause} ${rootDevice ?? '-'}`)
  const silent = incidents
    .filter(({ issue }) => issue === null)
    .map(({ cause, rootDevice }) => `${cause} ${rootDevice ?? '-'}`)
  const wanted = JSON.stringify([expected, scenario.withoutIssue ?? []])
  if (JSON.stringify([told, silent]) !== wanted)
    return [`${name}: told ${JSON.stringify([told, silent])}, declared ${wanted}`]
  const folder = join(fixtures, name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'input.jsonl'), text)
  writeFileSync(
    join(folder, 'expected.json'),
    `${JSON.stringify({ why, ...verdictOf(incidents) }, null, 2)}\n`,
  )
  return []
}

const complaints = scenarios.flatMap(write)
for (const complaint of complaints) process.stderr.write(`${complaint}\n`)
process.stdout.write(`${scenarios.length - complaints.length} of ${scenarios.length} stories written\n`)
process.exitCode = complaints.length === 0 ? 0 : 1
