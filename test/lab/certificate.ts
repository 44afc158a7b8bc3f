import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** A certificate authority made for one lab, and a server certificate signed by it. PEM texts. */
export interface ServerIdentity {
  readonly caPem: string
  readonly certificatePem: string
  readonly keyPem: string
}

/** Makes an EC P-256 authority and a server certificate for one name and one IPv4 address, both valid for 90 days, as those of a public authority. */
export function createServerIdentity(server: { name: string; address: string }): ServerIdentity {
  const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const caName = 'Lab payment CA'
  const caPem = certify({
    subject: caName,
    issuer: caName,
    publicKey: ca.publicKey,
    issuerKey: ca.privateKey,
    extensions: [extension(oids.basicConstraints, true, sequence(der(0x01, Buffer.from([0xff]))))],
  })
  const alternatives = sequence(
    der(0x82, Buffer.from(server.name, 'ascii')),
    der(0x87, Buffer.from(server.address.split('.').map(Number))),
  )
  const certificatePem = certify({
    subject: server.name,
    issuer: caName,
    publicKey: own.publicKey,
    issuerKey: ca.privateKey,
    extensions: [
      extension(oids.basicConstraints, true, sequence()),
      extension(oids.subjectAltName, false, alternatives),
    ],
  })
  return { caPem, certificatePem, keyPem: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

const oids = {
  commonName: '550403',
  basicConstraints: '551d13',
  subjectAltName: '551d11',
  ecdsaWithSha256: '2a8648ce3d040302',
} as const

/** Builds and signs an X.509 v3 certificate (RFC 5280 §4.1). */
function certify(parts: {
  subject: string
  issuer: string
  publicKey: KeyObject
  issuerKey: KeyObject
  extensions: readonly Buffer[]
}): string {
  const dayMs = 86_400_000
  const algorithm = sequence(oid(oids.ecdsaWithSha256))
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    commonName(parts.issuer),
    sequence(utcTime(new Date(Date.now() - dayMs)), utcTime(new Date(Date.now() + 90 * dayMs))),
    commonName(parts.subject),
    parts.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...parts.extensions)),
  )
  const signature = sign('sha256', body, parts.issuerKey)
  const certificate = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid(oids.commonName), der(0x0c, Buffer.from(name, 'utf8')))))
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  const critical = isCritical ? [der(0x01, Buffer.from([0xff]))] : []
  return sequence(oid(id), ...critical, der(0x04, value))
}

function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(2, 14)
  return der(0x17, Buffer.from(`${digits}Z`, 'ascii'))
}

function oid(encoded: string): Buffer {
  return der(0x06, Buffer.from(encoded, 'hex'))
}

function sequence(...items: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(items))
}

/** One DER element: tag, definite length, content (ITU-T X.690 §8.1). */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
