import { describe, expect, it } from 'vitest'
import { Site } from './testing/site.ts'

/** Windows of half a minute; the line's round trip goes up and down a little around 20 ms. */
function windows(at: Site, count: number): Site {
  for (let index = 0; index < count; index += 1) {
    at.pass(30_000)
    at.telemetry({ line: { rttMs: index % 2 === 0 ? 18 : 22, lossRatio: 0 } })
  }
  return at
}
const toldTo = (at: Site) =>
  at.effects.flatMap(({ effect }) => (effect.type === 'usual' ? [effect.usual] : []))

describe('what is usual on a line', () => {
  it('is told as soon as it is known, then once an hour', () => {
    const at = windows(new Site().settle().forget(), 30)
    const [first, ...more] = toldTo(at)
    expect(more).toEqual([])
    expect(first?.paths.map(({ kind, subject }) => [kind, subject])).toEqual([['line', 'primary']])
    windows(at, 240)
    expect(toldTo(at)).toHaveLength(3)
  })

  it('is a round trip around what was measured, narrower the longer it is known', () => {
    const at = windows(new Site().settle().forget(), 400)
    const [first, last] = [toldTo(at)[0]?.paths[0], toldTo(at).at(-1)?.paths[0]]
    expect(last?.lowMs).toBeGreaterThan(14)
    expect(last?.lowMs).toBeLessThan(18.5)
    expect(last?.highMs).toBeGreaterThan(21.5)
    expect(last?.highMs).toBeLessThan(27)
    expect(first?.highMs).toBeGreaterThan(last?.highMs ?? 0)
  })

  it('opens and changes nothing', () => {
    const at = windows(new Site().settle().forget(), 120)
    expect(at.effects.filter(({ effect }) => effect.type !== 'usual')).toEqual([])
  })
})
