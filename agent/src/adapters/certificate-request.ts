import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'

/** A fresh EC P-256 key (PEM, PKCS #8). */
export function createKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/**
 * A PKCS #10 certification request (RFC 2986) for the key, signed with ecdsa-with-SHA256.
 * The name in it says nothing: the cloud decides who the appliance is.
 */
export function createCertificateRequest(keyPem: string): string {
  const key = createPrivateKey(keyPem)
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const commonName = sequence(oid([0x55, 0x04, 0x03]), der(0x0c, Buffer.from('appliance')))
  const information = sequence(
    der(0x02, Buffer.from([0])),
    sequence(der(0x31, commonName)),
    publicKey,
    // Attributes [0]: none, but the field is not optional.
    der(0xa0, Buffer.alloc(0)),
  )
  const signature = sign('sha256', information, key)
  const request = sequence(
    information,
    sequence(oid([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02])),
    der(0x03, Buffer.concat([Buffer.from([0]), signature])),
  )
  const lines = request.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`
}

/** Tag, length, value (ITU-T X.690). */
function der(tag: number, value: Uint8Array): Buffer {
  const { length } = value
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), value])
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function oid(bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes))
}
