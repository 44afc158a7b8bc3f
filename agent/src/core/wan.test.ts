import { describe, expect, it } from 'vitest'
import { countLost, isLossy, judgeWan, newWan, type WanState } from './wan.ts'

/** Plays rounds 2 s apart; each number = targets that answered of two. Returns the states told, with their loss and in which round. */
function play(answers: readonly number[]): {
  told: string[]
  lossRatios: number[]
  rounds: number[]
  state: WanState
} {
  let state = newWan
  const told: string[] = []
  const lossRatios: number[] = []
  const rounds: number[] = []
  answers.forEach((answered, index) => {
    const [next, effect] = judgeWan(state, { atMono: index * 2_000, asked: 2, answered }, false)
    state = next
    if (effect?.type !== 'changed') return
    told.push(next.state)
    lossRatios.push(effect.lossRatio)
    rounds.push(index)
  })
  return { told, lossRatios, rounds, state }
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

  it('that loses half of all is told half a minute after a start, though so few echoes say nothing of a tenth', () => {
    const half = play([2, ...many(20, 1)])
    expect(half.told).toEqual(['up', 'degraded'])
    expect(half.rounds.at(-1)).toBeLessThanOrEqual(14)
    expect(play([...many(5, 2), 1, 2, 2, 1, ...many(6, 2), 1, 2]).told).toEqual(['up'])
  })

  it('that was told to be lossy is told again once it is hardly usable, with how it is now', () => {
    const fifth = Array.from({ length: 12 }, () => [2, 2, 1, 2, 1]).flat()
    const { told, lossRatios } = play([...fifth, ...many(60, 1)])
    expect(told).toEqual(['up', 'degraded', 'degraded'])
    expect(lossRatios[1]).toBeLessThan(0.25)
    expect(lossRatios[2]).toBeGreaterThanOrEqual(1 / 3)
  })

  it('that did well for half a minute and is hardly usable anew is told again, while the first time is remembered still', () => {
    const { told, rounds } = play([...many(60, 2), ...many(30, 1), ...many(20, 2), ...many(20, 1)])
    expect(told).toEqual(['up', 'degraded', 'degraded'])
    expect(((rounds.at(-1) ?? 0) - 110) * 2).toBeLessThanOrEqual(30)
    const burst = [1, 0, 1, 0, 1, 1, 0, 1, 0, 1]
    expect(play([...many(60, 2), ...many(30, 1), ...many(20, 2), ...burst, ...many(9, 2)]).told).toEqual([
      'up',
      'degraded',
    ])
  })

  it('that was hardly usable for a burst only says so, soon enough that nobody believed it', () => {
    const burst = [1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1]
    const { told, lossRatios, rounds } = play([...many(60, 2), ...burst, ...many(30, 2)])
    expect(told).toEqual(['up', 'degraded', 'degraded'])
    expect(lossRatios[1]).toBeGreaterThanOrEqual(1 / 3)
    expect(lossRatios[2]).toBeLessThan(0.1)
    expect(((rounds[2] ?? 0) - (rounds[1] ?? 0)) * 2).toBeLessThan(25)
    const long = play([...many(60, 2), ...many(60, 1), ...many(20, 2)])
    expect(long.told).toEqual(['up', 'degraded'])
  })

  it('does not sound hardly usable because a burst met a line that loses a packet now and then', () => {
    const burst = [1, 0, 1, 0, 1, 0, 0, 1, 0, 1]
    const { told, lossRatios } = play([...many(20, 2), 1, ...many(30, 2), ...burst, ...many(10, 2)])
    expect(told).toEqual(['up', 'degraded'])
    expect(lossRatios.at(-1)).toBeLessThan(0.2)
  })

  it('counts what was lost while rechecks were under way, and calls nothing down for it', () => {
    let { state } = play(many(60, 2))
    for (let index = 0; index < 20; index++)
      state = countLost(state, { atMono: (60 + index) * 2_000, asked: 2, answered: 0 })
    expect([state.state, state.misses]).toEqual(['up', 0])
    const [next, effect] = judgeWan(state, { atMono: 160_000, asked: 2, answered: 1 }, false)
    expect([next.state, effect?.type === 'changed' && effect.lossRatio > 0.9]).toEqual(['degraded', true])
  })

  it('asks for patience in the first minute already, where clearly more than a packet now and then is lost', () => {
    expect(isLossy(play([2, 1, 2, 1, 2, 2, 1, 2]).state)).toBe(true)
    expect(isLossy(play([2, 2, 2, 1, 2, 2, 2, 2]).state)).toBe(false)
    expect(isLossy(play([2, 1, 1, 1]).state)).toBe(false)
  })
})
