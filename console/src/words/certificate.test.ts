import { describe, expect, it } from 'vitest'
import { certificateStanding } from './certificate.ts'

describe('a certificate', () => {
  it.each([
    [300, 'good'],
    [30, 'good'],
    [29, 'soon'],
    [0, 'soon'],
    [-1, 'ended'],
  ])('with %i days left is %s', (days, standing) => {
    expect(certificateStanding(days)).toBe(standing)
  })
})
