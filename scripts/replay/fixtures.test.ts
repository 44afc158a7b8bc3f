import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scenarios } from '../../test/scenarios/list.ts'
import { projectRoot } from '../setup/project-root.ts'
import { readInput } from './read-input.ts'
import { replay } from './replay.ts'
import { verdictOf } from './verdict.ts'

const fixtures = join(projectRoot, 'test', 'fixtures')
const cases = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(fixtures, entry.name, 'input.jsonl')))
  .map(({ name }) => name)

/** Recordings and what must come of them; a bug found becomes a folder here. Keys and wording are free to change. */
describe('recorded Locations', () => {
  it('are at least sixty, every written story among them', () => {
    expect(cases.length).toBeGreaterThanOrEqual(60)
    expect(cases).toEqual(expect.arrayContaining(scenarios.map(({ name }) => name)))
  })

  it.each(cases)('%s', (name) => {
    const read = (file: string) => readFileSync(join(fixtures, name, file), 'utf8')
    const { entries, directory } = readInput(read('input.jsonl'))
    const { incidents } = replay(entries, { env: 'replay', profile: 'production', directory })
    const { why: _why, ...expected } = JSON.parse(read('expected.json'))
    expect(verdictOf(incidents)).toEqual(expected)
  })
})
