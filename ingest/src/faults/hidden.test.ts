import { describe, expect, it } from 'vitest'
import { Site } from './testing/site.ts'

const minutes = 60_000
/** Tuesday, 20:30; the shop opens at 09:00 the next day. */
const eveningMs = Date.UTC(2026, 2, 10, 20, 30)
const morningMs = Date.UTC(2026, 2, 11, 8, 20)

/** A terminal was switched off last night; ten minutes before it is looked for, the router dies. */
function routerDiesInTheMorning(): Site {
  const openings = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, from: '09:00', to: '18:30' }))
  const at = new Site({
    startMs: eveningMs,
    config: { timeZone: 'UTC', calendar: { openings, holidays: [] } },
  })
  at.settle()
  at.silent('pos-1')
  at.pass(morningMs - at.nowMs)
  at.forget()
  at.carrier(false)
  for (const id of ['router', 'switch', 'pos-2', 'printer-1']) at.silent(id)
  at.pass(15 * minutes)
  return at
}

function routerIsBack(at: Site): void {
  at.carrier(true)
  for (const id of ['router', 'switch', 'pos-2', 'printer-1']) at.answers(id)
  at.gateway(true)
}

const openedBy = ({ incidents }: Site): string[] =>
  incidents.flatMap(({ change, report }) => (change === 'opened' ? [report.faultClass] : []))

describe('a terminal that is switched on behind a dead router', () => {
  it('is not missed before the router was back for a while: nobody could see it come', () => {
    const at = routerDiesInTheMorning()
    routerIsBack(at)
    at.pass(20_000)
    at.answers('pos-1')
    at.pass(10 * minutes)
    expect(openedBy(at)).toEqual(['router-down'])
  })

  it('is missed where it stays away after the router is back', () => {
    const at = routerDiesInTheMorning()
    routerIsBack(at)
    at.pass(3 * minutes)
    expect(openedBy(at)).toEqual(['router-down', 'pos-down'])
  })

  it('is asked for in vain no more often than every half minute', () => {
    const at = routerDiesInTheMorning()
    expect(at.effects.filter(({ effect }) => effect.type === 'probe').length).toBeLessThan(30)
  })
})

describe('a terminal that stayed silent when it was asked behind a silent router', () => {
  it('is asked again once the router answers', () => {
    const at = new Site().settle().forget()
    at.silent('pos-1', at.nowMs - 50_000)
    at.silent('router', at.nowMs)
    at.pass(20_000)
    at.mute.clear()
    at.answers('router')
    at.pass(60_000)
    expect(openedBy(at)).toEqual(['router-down'])
  })
})
