import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isSettled, readManifest, type ToolState, writeManifest } from './manifest.ts'

describe('what is known of the tools', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'proactive-manifest-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('reads back what it wrote', () => {
    const states = new Map<string, ToolState>([
      ['fping', { kind: 'fetched', version: '5.1-1' }],
      ['iproute2', { kind: 'host' }],
      [
        'influxdb',
        { kind: 'missing', absence: { cause: 'unreachable', detail: 'no network' }, retryAtMs: 5 },
      ],
    ])
    writeManifest(folder, states)
    expect(readManifest(folder)).toEqual(states)
  })

  it.each(['', '{', '[]', '{"version":1,"tools":{}}', '{"version":2,"tools":{"fping":{"kind":"fetched"}}}'])(
    'takes %j for nothing known',
    (text) => {
      writeFileSync(join(folder, 'manifest.json'), text)
      expect(readManifest(folder)).toEqual(new Map())
    },
  )

  it('looks again when a program has gone, or when the wait for a missing one is over', () => {
    const bin = join(folder, 'bin')
    expect(isSettled(bin, 'fping', { kind: 'fetched', version: '5.1-1' }, 0)).toBe(false)
    mkdirSync(bin)
    writeFileSync(join(bin, 'fping'), '')
    expect(isSettled(bin, 'fping', { kind: 'fetched', version: '5.1-1' }, 0)).toBe(true)
    const missing: ToolState = { kind: 'missing', absence: { cause: 'no-apt', detail: '' }, retryAtMs: 10 }
    expect(isSettled(bin, 'influxdb', missing, 9)).toBe(true)
    expect(isSettled(bin, 'influxdb', missing, 10)).toBe(false)
  })
})
