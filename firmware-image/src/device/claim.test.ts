import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pendingClaim } from './claim.ts'
import { type Places, placesBelow } from './places.ts'

describe('the claim on the card', () => {
  let root: string
  let places: Places
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'proactive-claim-'))
    places = placesBelow(root)
    mkdirSync(places.bootFs, { recursive: true })
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const bundle = {
    v: 1,
    url: 'https://cloud.example.net:8443',
    caSha256: 'a'.repeat(64),
    token: 'abcdefghijklmnopqrst',
  }

  it.each([
    ['no file', undefined],
    ['a file without a claim', {}],
    ['a spent claim', { claim: 'used' }],
    ['a file with mistakes', { claim: 'half-a-claim' }],
  ])('holds the agent back for nothing: %s', (_name, config) => {
    if (config !== undefined) writeFileSync(places.configFile, JSON.stringify(config))
    expect(pendingClaim(places)).toBeUndefined()
  })
  it('is pending until it is spent', () => {
    writeFileSync(places.configFile, JSON.stringify({ claim: bundle }))
    expect(pendingClaim(places)?.claim).toMatchObject({ url: bundle.url })
  })
})
