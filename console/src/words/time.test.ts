import { expect, it } from 'vitest'
import { silentMs } from './time.ts'

const minuteMs = 60_000

it.each([
  { isOnline: true, quietMs: 5 * minuteMs, isTold: false, why: 'the longest interval between two batches' },
  { isOnline: true, quietMs: 6 * minuteMs, isTold: true, why: 'connected, but nothing comes' },
  { isOnline: false, quietMs: minuteMs, isTold: false, why: 'it may be back at once' },
  { isOnline: false, quietMs: 2 * minuteMs, isTold: true, why: 'it is gone' },
])('an appliance that was quiet for $quietMs ms, online $isOnline: $why', ({ isOnline, quietMs, isTold }) => {
  expect(silentMs({ isOnline }, 1_000, 1_000 + quietMs)).toBe(isTold ? quietMs : undefined)
})

it('nothing is said of one that was never heard', () => {
  expect(silentMs({ isOnline: false }, null, 1_000)).toBeUndefined()
})
