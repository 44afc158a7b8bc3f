import { describe, expect, it } from 'vitest'
import { addRound, maxBeats, sparkPath, type Track } from './tracks.ts'

describe('the live view', () => {
  it('takes times, silence and what answers without a time; who sat out stays', () => {
    const before = new Map<string, Track>([
      ['a', [1]],
      ['c', [3]],
    ])
    const evidence = [{ probe: 'arp', target: '192.0.2.2', answer: 'reply', atMs: 1 } as const]
    const after = addRound(before, { samples: [['a', null]], evidence }, new Map([['192.0.2.2', 'b']]))
    expect([...after]).toEqual([
      ['a', [1, null]],
      ['c', [3]],
      ['b', ['there']],
    ])
  })

  it('keeps a minute', () => {
    let tracks: ReadonlyMap<string, Track> = new Map()
    for (let second = 0; second < maxBeats + 5; second++)
      tracks = addRound(tracks, { samples: [['a', second]], evidence: [] }, new Map())
    expect(tracks.get('a')).toHaveLength(maxBeats)
    expect(tracks.get('a')?.at(-1)).toBe(maxBeats + 4)
  })

  it('draws a line with a gap where the device was silent', () => {
    expect(sparkPath([1, 1, null, 2], 59, 10)).toBe('M56.0 5.0L57.0 5.0M59.0 1.0')
  })
})
