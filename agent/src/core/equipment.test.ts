import { describe, expect, it } from 'vitest'
import { equipmentOids, powerFaults, printerFaults } from './equipment.ts'

describe('what managed equipment says of itself', () => {
  it.each([
    ['00', []],
    ['0000', []],
    ['40', ['no paper']],
    ['2000', ['low on toner']],
    ['0100', ['wants service']],
    ['c8', ['low on paper', 'no paper', 'door open']],
    ['0004', ['input tray empty']],
    ['nonsense', []],
    [undefined, []],
    [7, []],
  ])('reads a printer’s error state %s', (hex, faults) => {
    expect(printerFaults(hex)).toEqual(faults)
  })

  const { outputSource, batteryStatus, apcOutputStatus, apcReplace } = equipmentOids.power
  it.each([
    [{ [outputSource]: 3, [batteryStatus]: 2 }, []],
    [{ [outputSource]: 5, [batteryStatus]: 3 }, ['on battery', 'battery low']],
    [{ [apcOutputStatus]: 2 }, []],
    [{ [apcOutputStatus]: 3, [apcReplace]: 2 }, ['on battery', 'battery to be replaced']],
    [{}, []],
  ])('reads a UPS %j', (values, faults) => {
    expect(powerFaults(new Map(Object.entries(values)))).toEqual(faults)
  })
})
