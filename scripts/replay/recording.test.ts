import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../setup/project-root.ts'
import { compareFolder, formatDifferences } from './compare.ts'
import { readInput } from './read-input.ts'
import { replay } from './replay.ts'

const fixture = (name: string, file: string) =>
  readFileSync(join(projectRoot, 'test', 'fixtures', name, file), 'utf8')
const options = { env: 'replay', profile: 'production' } as const

describe('a recording', () => {
  it('is the example of its documentation, word for word, and comes to what that says', () => {
    const page = readFileSync(join(projectRoot, 'docs', 'recordings.md'), 'utf8')
    const example = /```jsonl\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
    const { entries, directory } = readInput(example)
    const { incidents } = replay(entries, { ...options, directory })
    expect(incidents).toMatchObject([
      {
        cause: 'location-dark',
        rootDevice: null,
        issue: { team: 'Network Team', product: 'Not listed', severity: 'critical' },
      },
    ])
  })

  it('names whose Issue it is: by product, by role, else whoever takes the rest', () => {
    const issues = (name: string) => {
      const { entries, directory } = readInput(fixture(name, 'input.jsonl'))
      return replay(entries, { ...options, directory }).incidents.map(({ issue }) => issue)
    }
    expect(issues('two-terminals-an-hour-apart')[0]).toEqual({
      team: 'POS Team',
      product: 'Vx520',
      severity: 'high',
    })
    expect(issues('switch-takes-three-along')[0]?.team).toBe('Network Team')
    expect(issues('printer-off-for-a-while')[0]?.team).toBe('Service Desk')
    expect(issues('planned-work-on-the-terminal')).toEqual([null])
  })

  const head =
    '{"directory":{"location":{"locationId":"l","name":"n","timeZone":"UTC","calendar":{"openings":[],"holidays":[]},"devices":{},"hasBackupUplink":false}}}'
  it.each([
    ['without a location', '{"directory":{}}', /^Line 1 is no directory: directory\.location/],
    ['with nothing behind its directory', head, /is empty/],
    ['with a foreign topic', `${head}\n{"atMs":1,"topic":"a/b","payload":{}}`, /^Line 2 has no topic/],
    [
      'with a wrong birth',
      `${head}\n{"atMs":1,"topic":"proactive/v1/l/a/birth","payload":{}}`,
      /^Line 2 is no birth/,
    ],
    ['with no JSON', `${head}\nnonsense`, /^Line 2 is no JSON/],
    [
      'running backwards',
      `${head}\n{"atMs":9,"topic":"proactive/v1/l/a/status","payload":{"v":1,"online":true,"bootEpoch":1}}\n{"atMs":8,"topic":"proactive/v1/l/a/status","payload":{"v":1,"online":false,"bootEpoch":1}}`,
      /^Line 3 is older than line 2/,
    ],
  ])('%s ends in one sentence', (_name, text, sentence) => {
    expect(() => readInput(text)).toThrow(UsageError)
    expect(() => readInput(text)).toThrow(sentence)
  })
})

describe('comparing rules over stored recordings', () => {
  it('prints what opens, what does not any more and what changed; nothing where they say the same', () => {
    const folder = mkdtempSync(join(tmpdir(), 'proactive-compare-'))
    const name = 'two-terminals-an-hour-apart'
    mkdirSync(join(folder, name))
    const store = (expected: string) => writeFileSync(join(folder, name, 'expected.json'), expected)
    writeFileSync(join(folder, name, 'input.jsonl'), fixture(name, 'input.jsonl'))
    const expected = fixture(name, 'expected.json')
    store(expected)
    expect(compareFolder(folder, 'production')).toEqual([])
    const parsed = JSON.parse(expected)
    parsed.incidents[0].cause = 'device-down'
    parsed.incidents[1].openedAtMs -= 5_000
    store(JSON.stringify(parsed))
    const [difference] = compareFolder(folder, 'production')
    expect([difference?.opened.length, difference?.gone.length, difference?.changed.length]).toEqual([
      1, 1, 1,
    ])
    expect(formatDifferences(compareFolder(folder, 'production'), folder)).toMatch(/\+ pos-down pos-1/)
    rmSync(folder, { recursive: true })
    expect(() => compareFolder(folder, 'production')).toThrow(UsageError)
  })
})
