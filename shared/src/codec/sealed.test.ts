import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seal, unseal } from './sealed.ts'

function keys(namedCurve = 'prime256v1') {
  return generateKeyPairSync('ec', {
    namedCurve,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

describe('a sealed secret', () => {
  const mine = keys()

  it('is read by the holder of the key, and twice sealed never looks the same', () => {
    const text = 'schön public'
    const sealed = seal(mine.publicKey, 'snmp-community', text)
    expect(unseal(mine.privateKey, 'snmp-community', sealed)).toBe(text)
    expect(seal(mine.publicKey, 'snmp-community', text)).not.toBe(sealed)
    expect(Buffer.from(sealed, 'base64').includes(Buffer.from('public'))).toBe(false)
    expect(unseal(mine.privateKey, 'snmp-v3', sealed)).toBeUndefined()
  })

  it('is nothing to anybody else, nor when it was tampered with', () => {
    const sealed = seal(mine.publicKey, 'snmp-community', 'public')
    expect(unseal(keys().privateKey, 'snmp-community', sealed)).toBeUndefined()
    const bytes = Buffer.from(sealed, 'base64')
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const hurt = Buffer.from(bytes)
        hurt[at] = (hurt[at] ?? 0) ^ flip
        return unseal(mine.privateKey, 'snmp-community', hurt.toString('base64')) === undefined
      }),
      { numRuns: 50 },
    )
    fc.assert(
      fc.property(fc.base64String(), (text) => unseal(mine.privateKey, 'snmp-community', text) === undefined),
      { numRuns: 50 },
    )
  })

  it('needs a key on P-256 and a short text', () => {
    expect(() => seal(keys('secp384r1').publicKey, 'snmp-community', 'public')).toThrow(TypeError)
    expect(() => seal(mine.publicKey, 'snmp-community', 'x'.repeat(513))).toThrow(TypeError)
  })
})
