import { describe, expect, it } from 'vitest'
import {
  judgePresence,
  newPresence,
  type Presence,
  type PresenceEffect,
  type RoundOutcome,
} from './presence.ts'

const answered: RoundOutcome = { kind: 'answered' }
const missed: RoundOutcome = { kind: 'missed', arp: 'not-asked' }
const silent: RoundOutcome = { kind: 'missed', arp: 'silent' }
const unsure: RoundOutcome = { kind: 'missed', arp: 'unsure' }

/** Plays outcomes a second apart; returns the last state and what was told on the way. */
function play(outcomes: readonly RoundOutcome[], from: Presence = newPresence) {
  let state = from
  const told: PresenceEffect[] = []
  outcomes.forEach((outcome, index) => {
    const [next, effect] = judgePresence(state, outcome, 1_000 * index)
    state = next
    if (effect !== undefined && effect.type !== 'recheck') told.push(effect)
  })
  return { state, told }
}

describe('presence', () => {
  it('calls a device silent after the first miss and three more tries, ARP silent too', () => {
    expect(play([answered, missed, silent, silent]).told).toEqual([])
    expect(play([answered, missed, silent, silent, silent]).told).toEqual([
      { type: 'silent', sinceMono: 1_000 },
    ])
  })

  it('never calls a device silent that answered in between', () => {
    expect(play([answered, missed, silent, silent, answered, missed, silent, silent]).told).toEqual([])
  })

  it('waits for the neighbor table to decide where raw ARP is not allowed, at most a minute', () => {
    expect(play([answered, missed, unsure, unsure, unsure, unsure]).told).toEqual([])
    const minute = play([answered, missed, ...Array.from({ length: 61 }, () => unsure)])
    expect(minute.told).toEqual([{ type: 'silent', sinceMono: 1_000 }])
  })

  it('believes in a return only after a second answer', () => {
    const down = play([answered, missed, silent, silent, silent]).state
    expect(play([answered], down).told).toEqual([])
    expect(play([answered, missed, answered], down).told).toEqual([])
    expect(play([missed, answered, answered], down).told.map(({ type }) => type)).toEqual(['answered'])
  })

  it('tells silence once, however long it lasts', () => {
    expect(play(Array.from({ length: 30 }, () => silent)).told).toHaveLength(1)
  })
})
