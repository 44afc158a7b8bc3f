import { describe, expect, it } from 'vitest'
import { findDrift, formatLock } from './package-lock.ts'
import type { FetchedPackage } from './suite.ts'

const fetched = (name: string, version: string, sha256 = 'a'.repeat(64)): FetchedPackage => ({
  name,
  version,
  sha256,
  bytes: 1,
  folder: `/${name}`,
})

describe('the lock file of an image’s packages', () => {
  it('is sorted, whatever order the archive gave', () => {
    const packages = [fetched('udev', '257.9-1'), fetched('dash', '0.5.12-12')]
    expect(formatLock(packages)).toBe(formatLock([...packages].reverse()))
    expect(formatLock(packages).split('\n')[0]).toBe(`dash 0.5.12-12 ${'a'.repeat(64)}`)
  })

  it('says nothing where nothing moved', () => {
    const packages = [fetched('dash', '0.5.12-12'), fetched('udev', '257.9-1')]
    expect(findDrift(formatLock(packages), packages)).toEqual([])
  })

  it('tells a newer version, another content, what came and what went', () => {
    const lock = formatLock([
      fetched('dash', '0.5.12-12'),
      fetched('rauc', '1.13-2'),
      fetched('udev', '257.8-1'),
    ])
    const now = [
      fetched('dash', '0.5.12-12', 'b'.repeat(64)),
      fetched('fping', '5.1-1'),
      fetched('udev', '257.9-1'),
    ]
    expect(findDrift(lock, now)).toEqual([
      '! dash 0.5.12-12 has other content than the lock file says',
      '+ fping 5.1-1',
      '~ udev 257.8-1 → 257.9-1',
      '- rauc 1.13-2',
    ])
  })
})
