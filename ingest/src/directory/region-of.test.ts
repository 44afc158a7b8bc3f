import { describe, expect, it } from 'vitest'
import { regionOf } from './region-of.ts'

describe('the town of an address', () => {
  it.each([
    ['Hauptstr. 12, 10115 Berlin', 'Berlin'],
    ['5 Main St, Springfield 62701', 'Springfield'],
    ['Rue de la Paix 3, 75002 Paris, France', 'Paris'],
    ['Am Markt 1\nD-21073 Hamburg-Harburg', 'Hamburg-Harburg'],
    ['Somewhere over the hill', undefined],
    ['10115', undefined],
    [null, undefined],
  ])('%j is %j', (address, town) => {
    expect(regionOf(address)).toBe(town)
  })
})
