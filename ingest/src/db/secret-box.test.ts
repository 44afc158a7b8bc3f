import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSecretBox } from './secret-box.ts'

describe('sealed secrets', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'proactive-secrets-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('open after a restart, with the same key and at the same place only', () => {
    const sealed = createSecretBox(folder).seal('swordfish', 'channel/a')
    expect(sealed).not.toContain('swordfish')
    const later = createSecretBox(folder)
    expect(later.open(sealed, 'channel/a')).toBe('swordfish')
    expect(later.seal('swordfish', 'channel/a')).not.toBe(sealed)
    expect(() => later.open(sealed, 'channel/b')).toThrow()
    expect(() => later.open(`${sealed.slice(0, -2)}AA`, 'channel/a')).toThrow()
    expect(statSync(join(folder, 'keys', 'secrets.key')).mode & 0o777).toBe(0o600)
    writeFileSync(join(folder, 'keys', 'secrets.key'), 'short')
    expect(() => createSecretBox(folder)).toThrow(/not 32 bytes/)
  })
})
