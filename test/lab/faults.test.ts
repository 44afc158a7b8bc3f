import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { effectsOf, poweredByLocation } from './effects.ts'
import { type Fault, faultCatalog, faultSlot, parseFault } from './faults.ts'

const fault = (name: string, ...args: string[]): Fault => {
  const parsed = parseFault(name, args)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.fault
}

describe('reading a fault', () => {
  it('fills in what a missing argument stands for', () => {
    expect(fault('pos-sleep')).toEqual({ name: 'pos-sleep', argument: 'pos-3' })
    expect(fault('wan-down')).toEqual({ name: 'wan-down', argument: 'link' })
    expect(fault('router-down')).toEqual({ name: 'router-down', argument: '' })
  })

  it.each([
    ['fire', [], /no fault "fire"; choose one of router-down, /],
    ['pos-down', [], /needs one of pos-1, pos-2, pos-3/],
    ['pos-down', ['printer-1'], /needs one of pos-1, pos-2, pos-3/],
    ['wan-loss', ['much'], /needs a percentage above 0, up to 100/],
    ['wan-loss', ['0'], /needs a percentage/],
    ['router-down', ['now'], /takes no argument/],
    ['new-device', ['../x'], /new-1 to new-9/],
  ])('answers "%s %s" with a sentence', (name, args, reason) => {
    expect(parseFault(name, args)).toEqual({ ok: false, reason: expect.stringMatching(reason) })
  })

  it('never throws, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { maxLength: 3 }), (name, args) => {
        expect(typeof parseFault(name, args).ok).toBe('boolean')
      }),
    )
  })

  it('lets a new percentage replace the old one, and counts terminals one by one', () => {
    expect(faultSlot(fault('wan-loss', '5'))).toBe(faultSlot(fault('wan-loss', '20')))
    expect(faultSlot(fault('pos-down', 'pos-1'))).not.toBe(faultSlot(fault('pos-down', 'pos-2')))
  })
})

describe('what faults do together', () => {
  const anyFault = fc.constantFrom(
    ...faultCatalog.flatMap(({ name, ...rest }) => {
      const argument = 'argument' in rest ? rest.argument : undefined
      return argument !== undefined && 'choices' in argument
        ? argument.choices.map((choice) => fault(name, choice))
        : [fault(name)]
    }),
  )

  it('is nothing without faults', () => {
    const effects = effectsOf([])
    expect([effects.poweredOff.size, effects.unplugged.size, effects.wanLossRatio]).toEqual([0, 0, 0])
    expect(effects.processor).toBe('up')
  })

  it('does not depend on the order, processor modes apart', () => {
    fc.assert(
      fc.property(fc.array(anyFault, { maxLength: 6 }), (faults) => {
        const others = faults.filter(({ name }) => name !== 'processor-down')
        expect(effectsOf(others.toReversed())).toEqual(effectsOf(others))
      }),
    )
  })

  it('leaves the router off when one of two reasons goes away', () => {
    expect(effectsOf([fault('router-down'), fault('power-cut')]).poweredOff.size).toBe(
      poweredByLocation.length,
    )
    expect([...effectsOf([fault('router-down')]).poweredOff]).toEqual(['router'])
  })

  it('takes guests down with the rest in a power cut', () => {
    const { poweredOff } = effectsOf([fault('power-cut'), fault('new-device'), fault('ip-conflict')])
    expect(poweredOff).toContain('new-1')
    expect(poweredOff).toContain('conflict-pos-1')
  })
})
