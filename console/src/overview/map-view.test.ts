import type { LocationSummary } from '@proactive/shared/http'
import { describe, expect, it } from 'vitest'
import { fitMap } from './map-view.ts'

const at = (id: string, latitude?: number, longitude?: number): LocationSummary => ({
  id,
  name: id,
  customerName: id,
  timeZone: 'UTC',
  verdict: { sentence: '', health: 'ok', sinceMs: null },
  payability: 'payable',
  isOnline: true,
  lastSeenMs: 1,
  deviceCount: 0,
  openIncidentCount: 0,
  ...(latitude === undefined ? {} : { latitude }),
  ...(longitude === undefined ? {} : { longitude }),
})

describe('the map of Locations', () => {
  it('shows every Location that has coordinates inside the view', () => {
    const { view, pins } = fitMap([at('a', 47.5, 9.7), at('b', 60, 25), at('c', -33, 151), at('d')])
    expect(pins.map(({ summary }) => summary.id)).toEqual(['a', 'b', 'c'])
    for (const { x, y } of pins) {
      expect(x > view.x && x < view.x + view.width).toBe(true)
      expect(y > view.y && y < view.y + view.height).toBe(true)
    }
  })
  it('puts neighbours behind the first, which is the worst', () => {
    const { pins } = fitMap([at('worst', 47.5, 9.7), at('near', 47.51, 9.71)])
    expect(pins).toMatchObject([{ summary: { id: 'worst' }, others: 1 }])
  })
})
