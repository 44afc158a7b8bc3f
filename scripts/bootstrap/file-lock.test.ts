import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withFileLock } from './file-lock.mjs'

describe('file lock', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'proactive-lock-'))
    path = join(folder, 'deep', 'lock')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('lets one holder in at a time and leaves no file behind', async () => {
    let inside = 0
    let most = 0
    const work = async () => {
      most = Math.max(most, ++inside)
      await new Promise((resolve) => setImmediate(resolve))
      inside--
    }
    await Promise.all(Array.from({ length: 5 }, () => withFileLock(path, { timeoutMs: 10_000 }, work)))
    expect(most).toBe(1)
    expect(existsSync(path)).toBe(false)
  })

  it('takes over the lock of a process that is gone', async () => {
    await withFileLock(path, { timeoutMs: 1000 }, async () => {})
    writeFileSync(path, '4194305 12345\n') // above the highest process id Linux gives
    expect(await withFileLock(path, { timeoutMs: 1000 }, async () => 'mine')).toBe('mine')
  })

  it('takes over the lock of an earlier process with a living one’s id', async () => {
    await withFileLock(path, { timeoutMs: 1000 }, async () => {})
    writeFileSync(path, `${process.pid} 1\n`)
    expect(await withFileLock(path, { timeoutMs: 1000 }, async () => 'mine')).toBe('mine')
  })

  it('names the holder when it waits and when it gives up', async () => {
    const told: number[] = []
    await withFileLock(path, { timeoutMs: 1000 }, async () => {
      const second = withFileLock(path, { timeoutMs: 0, onWait: (pid) => told.push(pid) }, async () => {})
      await expect(second).rejects.toThrow(`process ${process.pid} holds ${path}`)
    })
    expect(told).toEqual([process.pid])
  })

  it('is free again after work that failed', async () => {
    await expect(withFileLock(path, { timeoutMs: 0 }, () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    )
    expect(await withFileLock(path, { timeoutMs: 0 }, async () => 1)).toBe(1)
  })
})
