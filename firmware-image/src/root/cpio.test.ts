import { describe, expect, it } from 'vitest'
import { encodeCpio } from './cpio.ts'

const archive = encodeCpio(
  [
    { path: 'bin', kind: 'directory', mode: 0o755 },
    { path: 'bin/busybox', kind: 'file', mode: 0o755, data: Buffer.from('not a program') },
    { path: 'bin/sh', kind: 'link', mode: 0o777, data: Buffer.from('busybox') },
  ],
  1_790_000_000,
)

describe('the archive of the initial RAM disk', () => {
  it('has a record for each entry, padded as the kernel wants it', () => {
    const text = archive.toString('latin1')
    expect(archive.length % 512).toBe(0)
    expect([...text.matchAll(/070701/g)]).toHaveLength(4)
    expect(text.indexOf('not a program') % 4).toBe(0)
    expect(text).toContain('TRAILER!!!')
  })

  it('is the same for the same entries', () => {
    const again = encodeCpio([{ path: 'bin', kind: 'directory', mode: 0o755 }], 1)
    expect(again).toEqual(encodeCpio([{ path: 'bin', kind: 'directory', mode: 0o755 }], 1))
  })
})
