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

  it('has no rules that the cloud could not hold: nobody is named for the power', () => {
    const page = readFileSync(join(projectRoot, 'docs', 'recordings.md'), 'utf8')
    const example = /```jsonl\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
    const teams = (text: string) => readInput(text).directory.routing.map(({ team }) => team)
    expect(teams(example)).toEqual(['Network Team', 'Service Desk'])
    expect(teams(example.replace('"role":"router"', '"role":"power"'))).toEqual(['Service Desk'])
  })

  const head =
    '{"directory":{"location":{"locationId":"l","name":"n","timeZone":"UTC","calendar":{"openings":[],"holidays":[]},"devices":{},"hasBackupUplink":false}}}'
  it.each([
    ['without a location', '{"directory":{}}', /^Line 1 is no directory: directory\.location/],
    ['with nothing behind its directory', head, /is empty/],
    [
      'with another time zone',
      head.replace('UTC', 'Europe/Berlim'),
      /^Line 1 is no directory: directory\.location\.timeZone: no IANA/,
    ],
    [
      'that begins with a message',
      '{"atMs":1,"topic":"ingest/l","payload":{}}',
      /^Line 1 is no directory: directory: it is missing\./,
    ],
    [
      'of two Locations',
      `${head}\n{"atMs":1,"topic":"proactive/v1/m/a/status","payload":{"v":1,"online":true,"bootEpoch":1}}`,
      /^Line 2 is of Location "m", the directory of "l"/,
    ],
    [
      'with an address that is none',
      `${head}\n{"atMs":1,"topic":"proactive/v1/l/a/status","payload":{"v":1,"online":true,"bootEpoch":1,"remoteAddress":{}}}`,
      /^Line 2 is no status: remoteAddress/,
    ],
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

describe('what the cloud would not have taken', () => {
  const place =
    '{"directory":{"location":{"locationId":"l","name":"n","timeZone":"UTC","calendar":{"openings":[],"holidays":[]},"devices":{},"hasBackupUplink":false}}}'
  const line = (atMs: number, kind: string, payload: object) =>
    JSON.stringify({ atMs, topic: `proactive/v1/l/a/${kind}`, payload: { v: 1, bootEpoch: 2, ...payload } })
  const word = (atMs: number, seq: number, change: object) =>
    line(atMs, 'observation', {
      lane: 'live',
      seq,
      atMs,
      clock: 'synced',
      change: { evidence: [], ...change },
    })
  const silent = (deviceId: string) => ({ type: 'device-silent', deviceId, sinceMs: 1 })
  const answered = (deviceId: string) => ({ type: 'device-answered', deviceId, silentMs: 1 })
  const linesTaken = (...lines: string[]) =>
    readInput([place, ...lines].join('\n'))
      .entries.slice(1)
      .map(({ line }) => line)

  it('is left out: a repeat, the will of an older start, word that later word of the same thing has overtaken', () => {
    const up = line(1, 'status', { online: true })
    const old = word(3, 1, silent('pos-1'))
    expect(linesTaken(up, old, old.replace('"atMs":3,"topic"', '"atMs":9,"topic"'))).toEqual([2, 3])
    expect(linesTaken(up, line(2, 'status', { online: false, bootEpoch: 1 }))).toEqual([2])
    expect(linesTaken(up, line(2, 'status', { online: false }))).toEqual([2, 3])
    expect(linesTaken(up, word(3, 5, answered('pos-1')), word(4, 4, silent('pos-1')))).toEqual([2, 3])
  })

  it('is not what tells of something else, or of a later start, whatever its seq', () => {
    const up = line(1, 'status', { online: true })
    expect(linesTaken(up, word(3, 5, answered('pos-1')), word(4, 4, silent('pos-2')))).toEqual([2, 3, 4])
    expect(linesTaken(up, word(3, 1, silent('pos-1')), word(4, 1, answered('pos-1')))).toEqual([2, 3, 4])
    const restarted = word(4, 1, silent('pos-1')).replace('"bootEpoch":2', '"bootEpoch":3')
    expect(linesTaken(up, word(3, 5, answered('pos-1')), restarted)).toEqual([2, 3, 4])
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
