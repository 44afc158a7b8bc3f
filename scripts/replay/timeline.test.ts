import { UsageError } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { formatReplay } from './print.ts'
import { replay } from './replay.ts'
import { parseTimeline } from './timeline.ts'

const startMs = Date.UTC(2026, 2, 10, 13)
const line = (ms: number, event: unknown, offset = ms): string =>
  JSON.stringify({ nowMs: startMs + ms, origin: { from: 'ingest', partition: 'p00', offset }, event })
const opened = {
  from: 'ingest',
  event: { type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' },
}
const closed = { from: 'ingest', event: { type: 'session-closed', applianceId: 'app-1', how: 'will' } }

describe('a timeline', () => {
  it.each([
    ['no JSON', `${line(0, opened)}\nnonsense`, /^Line 2 is no JSON/],
    ['no event', `${line(0, opened)}\n\n{"nowMs":1}`, /^Line 3 is no event of a timeline/],
    ['an unknown event', line(0, { from: 'ingest', event: { type: 'dance' } }), /^Line 1 .*type/],
    ['a number', '5', /^Line 1 .*it is no object/],
    ['a future beyond all calendars', line(1e15, opened), /^Line 1 .*nowMs/],
    ['time running backwards', `${line(5, opened)}\n${line(4, closed)}`, /^Line 2 is older than line 1/],
    ['nothing', '\n\n', /is empty/],
  ])('with %s ends in one sentence', (_name, text, sentence) => {
    expect(() => parseTimeline(text)).toThrow(UsageError)
    expect(() => parseTimeline(text)).toThrow(sentence)
  })

  it('gets its wake-up calls when they are due, also behind its last line', () => {
    const { incidents } = replay(parseTimeline([line(0, opened), line(1_000, closed)].join('\n')), {
      env: 'replay',
      profile: 'production',
    })
    expect(incidents).toMatchObject([
      { cause: 'location-dark', openedAtMs: startMs + 33_000, closedAtMs: null },
    ])
    const text = formatReplay({ incidents, verdicts: [] })
    expect(text).toContain('2026-03-10 13:00:33')
    expect(text).toContain('location-dark')
  })

  it('gives the same answer every time', () => {
    const entries = parseTimeline([line(0, opened), line(1_000, closed), line(90_000, opened)].join('\n'))
    const run = () => JSON.stringify(replay(entries, { env: 'replay', profile: 'lab' }))
    expect(run()).toBe(run())
  })
})
