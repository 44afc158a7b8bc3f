import { describe, expect, it } from 'vitest'
import { cacheFolder, machineKind } from './release.ts'

describe('which packages suit this machine', () => {
  it.each([
    ['VERSION_CODENAME=bookworm\nID=debian\n', 'x64', 'amd64-bookworm'],
    ['ID="alpine"\nVERSION_ID=3.20\n', 'arm64', 'arm64-alpine-3.20'],
    ['', 'riscv64', 'riscv64-unknown-'],
    ['VERSION_CODENAME=../../etc\n', 'x64', 'amd64-....etc'],
  ])('%j on %s is %s', (osRelease, arch, kind) => {
    expect(machineKind(osRelease, arch)).toBe(kind)
  })

  it('keeps them in the user’s cache and ignores a relative XDG folder', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/var/c', HOME: '/h' })).toBe('/var/c/proactive')
    expect(cacheFolder({ XDG_CACHE_HOME: 'c', HOME: '/h' })).toBe('/h/.cache/proactive')
  })
})
