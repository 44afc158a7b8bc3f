import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withoutStartingServices } from './service-policy.ts'

describe('the policy that keeps services from starting', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'proactive-policy-'))
    path = join(folder, 'policy-rc.d')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('is in force during the installation only', async () => {
    await withoutStartingServices(async () => {
      expect(readFileSync(path, 'utf8')).toContain('exit 101')
      expect(statSync(path).mode & 0o111).not.toBe(0)
    }, path)
    expect(existsSync(path)).toBe(false)
  })

  it('is removed when the installation fails', async () => {
    await expect(withoutStartingServices(() => Promise.reject(new Error('apt')), path)).rejects.toThrow('apt')
    expect(existsSync(path)).toBe(false)
  })

  it('leaves the machine’s own policy as it is', async () => {
    writeFileSync(path, '#!/bin/sh\nexit 0\n')
    await withoutStartingServices(async () => {}, path)
    expect(readFileSync(path, 'utf8')).toBe('#!/bin/sh\nexit 0\n')
  })

  it('clears away what a killed set-up left behind', async () => {
    await withoutStartingServices(async () => {
      const left = readFileSync(path, 'utf8')
      rmSync(path)
      writeFileSync(path, left)
    }, path)
    expect(existsSync(path)).toBe(false)
  })
})
