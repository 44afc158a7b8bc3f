import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../setup/project-root.ts'
import { replay } from './replay.ts'
import { parseTimeline } from './timeline.ts'

const fixtures = join(projectRoot, 'test', 'fixtures')
const cases = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(fixtures, entry.name, 'input.jsonl')))
  .map(({ name }) => name)

/** Recorded timelines and what must come of them; a bug found becomes a folder here. Keys and wording are free to change. */
describe('recorded timelines', () => {
  it.each(cases)('%s', (name) => {
    const read = (file: string) => readFileSync(join(fixtures, name, file), 'utf8')
    const { incidents } = replay(parseTimeline(read('input.jsonl')), { env: 'replay', profile: 'production' })
    const told = incidents.map(({ key: _key, headline: _headline, severity: _severity, ...rest }) => rest)
    expect({ incidents: told }).toEqual(JSON.parse(read('expected.json')))
  })
})
