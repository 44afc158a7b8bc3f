import { describe, expect, it } from 'vitest'

describe('addresses of the console', () => {
  it('are read without a browser', async () => {
    Object.assign(globalThis, {
      $state: Object.assign((value: unknown) => value, { raw: (value: unknown) => value }),
    })
    const { parseRoute } = await import('./route.svelte.ts')
    expect(parseRoute('/')).toEqual({ name: 'overview' })
    expect(parseRoute('/locations/loc-1/devices/dev-2')).toEqual({
      name: 'device',
      id: 'loc-1',
      deviceId: 'dev-2',
    })
    expect(parseRoute('/fleet')).toEqual({ name: 'fleet' })
    expect(parseRoute('/locations/..%2f')).toEqual({ name: 'lost' })
    expect(parseRoute('/issues/1/2/3/4/5')).toEqual({ name: 'lost' })
  })
})
