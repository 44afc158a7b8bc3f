import { createPrivateKey, createPublicKey, randomBytes, sign, X509Certificate } from 'node:crypto'
import { createKeyPem } from '../adapters/certificate-request.ts'
import { bitString, bytes, integer, oid, sequence, set, tagged, toPem, utf8, utcTime } from './der.ts'

/** A certificate with its key, for tests only. */
export interface TestCertificate {
  readonly certificatePem: string
  readonly keyPem: string
  readonly der: Buffer
}

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))
const dayMs = 86_400_000

/** A self-signed authority, or a certificate signed by one (RFC 5280); valid from yesterday, or a day before its end, for a week. */
export function createTestCertificate(
  name: string,
  options: {
    readonly issuer?: TestCertificate & { readonly name: string }
    readonly ip?: string
    /** Second name of a server; `localhost` by default. */
    readonly host?: string
    readonly endsAtMs?: number
  } = {},
): TestCertificate & { readonly name: string } {
  const keyPem = createKeyPem()
  const publicKey = createPublicKey(createPrivateKey(keyPem)).export({ type: 'spki', format: 'der' })
  const { issuer, ip, host = 'localhost', endsAtMs = Date.now() + 7 * dayMs } = options
  const extensions = [
    ...(issuer === undefined ? [extension('2.5.29.19', sequence(bytes(0x01, [0xff])), true)] : []),
    ...(ip === undefined
      ? []
      : [
          extension(
            '2.5.29.17',
            sequence(bytes(0x87, ip.split('.').map(Number)), bytes(0x82, [...Buffer.from(host)])),
          ),
        ]),
  ]
  const toSign = sequence(
    tagged(0, integer([2])),
    integer([0x01, ...randomBytes(8)]),
    ecdsaWithSha256,
    distinguishedName(issuer?.name ?? name),
    sequence(utcTime(Math.min(Date.now(), endsAtMs) - dayMs), utcTime(endsAtMs)),
    distinguishedName(name),
    publicKey,
    ...(extensions.length === 0 ? [] : [tagged(3, sequence(...extensions))]),
  )
  const signature = sign('sha256', toSign, createPrivateKey(issuer?.keyPem ?? keyPem))
  const der = sequence(toSign, ecdsaWithSha256, bitString(signature))
  const certificatePem = toPem('CERTIFICATE', der)
  // A mistake in the bytes above shows here, not somewhere in a handshake.
  new X509Certificate(certificatePem)
  return { certificatePem, keyPem, der, name }
}

function distinguishedName(name: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), utf8(name))))
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return sequence(oid(id), ...(isCritical ? [bytes(0x01, [0xff])] : []), bytes(0x04, [...value]))
}
