import { describe, expect, it } from 'vitest'
import { judgeWan, newWan, type WanState } from './wan.ts'

/** Plays rounds 2 s apart; each number = targets that answered of two. Returns the states told. */
function play(answers: readonly number[]): { told: string[]; state: WanState } {
  let state = newWan
  const told: string[] = []
  answers.forEach((answered, index) => {
    const [next, effect] = judgeWan(state, { atMono: index * 2_000, asked: 2, answered }, false)
    state = next
    if (effect?.type === 'changed') told.push(next.state)
  })
  return { told, state }
}

const many = (count: number, answered: number) => Array.from({ length: count }, () => answered)

describe('the internet behind an uplink', () => {
  it('is down after the first empty round and three rechecks, up after two answers', () => {
    expect(play([2, 0, 0, 0]).told).toEqual(['up'])
    expect(play([2, 0, 0, 0, 0]).told).toEqual(['up', 'down'])
    expect(play([2, 0, 0, 0, 0, 2]).told).toEqual(['up', 'down'])
    expect(play([2, 0, 0, 0, 0, 2, 2]).told).toEqual(['up', 'down', 'up'])
  })

  it('is degraded when a tenth is lost for two minutes, sooner when more is, and well again when hardly anything is', () => {
    const tenth = Array.from({ length: 15 }, () => [2, 2, 1, 2, 2]).flat()
    expect(play([...many(60, 2), ...tenth]).told).toEqual(['up', 'degraded'])
    expect(play([...many(60, 2), ...many(15, 1)]).told).toEqual(['up', 'degraded'])
    expect(play([...many(60, 2), ...tenth, ...many(70, 2)]).told).toEqual(['up', 'degraded', 'up'])
  })

  it('is not called degraded by a line that loses two packets in a hundred, for a week', () => {
    let seed = 7
    const chance = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const echo = () => (chance() < 0.02 ? 0 : 1)
    const week = Array.from({ length: (7 * 86_400) / 2 }, () => echo() + echo())
    expect(play(week).told.filter((state) => state === 'degraded')).toEqual([])
  })

  it('is not called degraded by one burst of twenty seconds, however bad', () => {
    const burst = [1, 0, 1, 0, 1, 1, 0, 1, 0, 1]
    expect(play([...many(60, 2), ...burst, ...many(60, 2)]).told).toEqual(['up'])
    expect(play([...many(60, 2), ...burst, ...many(2, 2), ...burst]).told).toEqual(['up', 'degraded'])
  })

  it('does not call a single lost packet degraded', () => {
    expect(play([...many(12, 2), 1, ...many(12, 2)]).told).toEqual(['up'])
  })
})
