import { generateKeyPairSync } from 'node:crypto'
import { type SealPurpose, seal } from '@proactive/shared/codec'
import { describe, expect, it } from 'vitest'
import { openSealedAccess } from './sealed-access.ts'

const { publicKey, privateKey } = generateKeyPairSync('ec', {
  namedCurve: 'prime256v1',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const user = {
  user: 'reader',
  authProtocol: 'sha',
  authKey: 'authentic-1',
  privProtocol: 'aes',
  privKey: 'k'.repeat(128),
}
const open = (purpose: SealPurpose, text: string) =>
  openSealedAccess(privateKey, seal(publicKey, purpose, text))

describe('what opens SNMP, sealed by the cloud', () => {
  it('is a community or a user of v3, as it was sealed', () => {
    expect(open('snmp-community', 'public')).toEqual({ community: 'public' })
    expect(open('snmp-v3', JSON.stringify(user))).toEqual({ community: '', v3: user })
    // A community that looks like a user is a community.
    expect(open('snmp-community', JSON.stringify(user))).toEqual({ community: JSON.stringify(user) })
  })

  it('is nothing where it says no user, or was meant for somebody else', () => {
    expect(open('snmp-v3', '{"user":"reader"}')).toBeUndefined()
    expect(open('snmp-v3', 'no JSON')).toBeUndefined()
    expect(openSealedAccess(privateKey, 'AAAA')).toBeUndefined()
  })
})
