import { describe, expect, it } from 'vitest'

describe('when a Location was heard last', () => {
  it('is of when the measurements are, also where the store took them long after, and never later than now', async () => {
    Object.assign(globalThis, {
      $state: Object.assign((value: unknown) => value, { raw: (value: unknown) => value }),
    })
    const { places } = await import('./places.svelte.ts')
    const seenMs = (lastSeenMs: number | null) => places.lastSeenMs({ id: 'loc-1', lastSeenMs })
    const startedMs = Date.now()
    expect(seenMs(null)).toBeNull()
    places.hear('loc-1', startedMs - 3_600_000)
    expect(seenMs(null)).toBe(startedMs - 3_600_000)
    expect(seenMs(startedMs - 60_000)).toBe(startedMs - 60_000)
    places.hear('loc-1', startedMs - 20_000)
    places.hear('loc-1', startedMs - 1_800_000)
    expect(seenMs(startedMs - 60_000)).toBe(startedMs - 20_000)
    places.hear('loc-1', startedMs + 86_400_000)
    expect(seenMs(null)).toBeGreaterThanOrEqual(startedMs)
    expect(seenMs(null)).toBeLessThanOrEqual(Date.now())
    places.forget()
    expect(seenMs(null)).toBeNull()
  })
})
