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

  it('is degraded when a tenth is lost for half a minute, and well again only when hardly anything is', () => {
    const lossy = [2, 2, 2, 1]
    const half = [...many(4, 2), ...lossy, ...lossy, ...lossy, ...lossy]
    expect(play(half).told).toEqual(['up', 'degraded'])
    expect(play([...half, ...many(20, 2)]).told).toEqual(['up', 'degraded', 'up'])
  })

  it('does not call a single lost packet degraded', () => {
    expect(play([...many(12, 2), 1, ...many(12, 2)]).told).toEqual(['up'])
  })
})
