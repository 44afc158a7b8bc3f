import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto'

/** What a sealed text is for; a text sealed for one purpose does not open for another. */
export type SealPurpose = 'snmp-community' | 'snmp-v3'

const version = 1
const curve = 'prime256v1'
const pointBytes = 65
const tagBytes = 16
const maxTextBytes = 512

/**
 * Seals a short text so that only the holder of the certificate's key can read it: ECDH on P-256 with a key of its own, HKDF-SHA-256, AES-256-GCM
 * (the scheme of RFC 9180 in its plainest form). Layout, in base64: version 1, ephemeral point (65 bytes), ciphertext, tag (16 bytes).
 * @param certificatePem the appliance's certificate, or its public key (PEM)
 * @throws TypeError for another kind of key, or a text over 512 bytes
 */
export function seal(certificatePem: string, purpose: SealPurpose, text: string): string {
  const plain = Buffer.from(text, 'utf8')
  if (plain.length > maxTextBytes) throw new TypeError(`a sealed text has at most ${maxTextBytes} bytes`)
  const recipient = certificatePem.includes('BEGIN CERTIFICATE')
    ? new X509Certificate(certificatePem).publicKey
    : createPublicKey(certificatePem)
  // Tells another kind of key before the library does so in its own words.
  pointOf(recipient)
  const ephemeral = generateKeyPairSync('ec', { namedCurve: curve })
  const point = pointOf(ephemeral.publicKey)
  const { key, iv } = derive(ephemeral.privateKey, recipient, point, purpose)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([Buffer.of(version), point, sealed, cipher.getAuthTag()]).toString('base64')
}

/** Opens what `seal` made; undefined where it was sealed to another key, for another purpose, or was damaged. */
export function unseal(privateKeyPem: string, purpose: SealPurpose, sealed: string): string | undefined {
  try {
    const bytes = Buffer.from(sealed, 'base64')
    if (bytes[0] !== version || bytes.length < 1 + pointBytes + tagBytes) return undefined
    const point = bytes.subarray(1, 1 + pointBytes)
    const own = createPrivateKey(privateKeyPem)
    const { key, iv } = derive(own, keyOf(point), point, purpose, createPublicKey(own))
    const decipher = createDecipheriv('aes-256-gcm', key, iv)
    decipher.setAuthTag(bytes.subarray(-tagBytes))
    const body = bytes.subarray(1 + pointBytes, -tagBytes)
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

/** Key and nonce; the ephemeral key is used once, so the nonce may be derived with it. */
function derive(
  privateKey: KeyObject,
  publicKey: KeyObject,
  ephemeralPoint: Buffer,
  purpose: SealPurpose,
  recipient: KeyObject = publicKey,
): { readonly key: Buffer; readonly iv: Buffer } {
  const secret = diffieHellman({ privateKey, publicKey })
  const salt = Buffer.concat([ephemeralPoint, pointOf(recipient)])
  const bytes = Buffer.from(hkdfSync('sha256', secret, salt, `proactive sealed v1 ${purpose}`, 44))
  return { key: bytes.subarray(0, 32), iv: bytes.subarray(32) }
}

/** The uncompressed point (SEC 1 §2.3.3). */
function pointOf(key: KeyObject): Buffer {
  const { crv, x = '', y = '' } = key.export({ format: 'jwk' })
  if (crv !== 'P-256') throw new TypeError('secrets are sealed to keys on P-256')
  return Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
}

function keyOf(point: Buffer): KeyObject {
  const coordinate = (from: number) => point.subarray(from, from + 32).toString('base64url')
  return createPublicKey({
    format: 'jwk',
    key: { kty: 'EC', crv: 'P-256', x: coordinate(1), y: coordinate(33) },
  })
}
