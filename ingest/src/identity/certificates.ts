import './reflect-metadata.ts'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import type { EpochMs } from '@proactive/shared'
import { EnrollmentRefusedError } from './errors.ts'

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** A key pair with its certificate; PEM texts. */
export interface CertifiedKey {
  readonly certificatePem: string
  readonly keyPem: string
}

/** What signs: the authority's certificate and its private key. */
export interface Issuer {
  readonly certificate: X509Certificate
  readonly key: CryptoKey
}

const minuteMs = 60_000
/** Clocks of the other side may be behind a little; a certificate is valid from this long before it was made. */
const backdateMs = 60 * minuteMs

/** A new authority: its key (ECDSA P-256) and the self-signed certificate that every other one is held against. */
export async function createAuthority(name: string, nowMs: EpochMs, lifeMs: number): Promise<CertifiedKey> {
  const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ecdsa,
    notBefore: new Date(nowMs - backdateMs),
    notAfter: new Date(nowMs + lifeMs),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificatePem: certificate.toString('pem'), keyPem: await exportKey(keys.privateKey) }
}

/** A certificate and key for our own TLS servers, for these names and addresses. */
export async function createServerCertificate(
  issuer: Issuer,
  hosts: readonly string[],
  nowMs: EpochMs,
  lifeMs: number,
): Promise<CertifiedKey> {
  const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const names = hosts.map((value) => ({
    type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const),
    value,
  }))
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=Proactive cloud',
    issuer: issuer.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: issuer.key,
    signingAlgorithm: ecdsa,
    notBefore: new Date(nowMs - backdateMs),
    notAfter: new Date(nowMs + lifeMs),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names),
      await AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
    ],
  })
  return { certificatePem: certificate.toString('pem'), keyPem: await exportKey(keys.privateKey) }
}

/**
 * The public key of a certificate request whose signature proves that the sender holds the private one (RFC 2986). Its subject is not looked at.
 * @throws EnrollmentRefusedError `csr-invalid` where it does not parse, is no EC P-256 key or is not signed by its own key.
 */
export async function verifyRequest(csrPem: string): Promise<CryptoKey> {
  try {
    const request = new Pkcs10CertificateRequest(csrPem)
    const key = await request.publicKey.export(ecdsa, ['verify'])
    if (await request.verify()) return key
  } catch (cause) {
    throw new EnrollmentRefusedError(
      'csr-invalid',
      'the request is no PKCS #10 request for an EC P-256 key',
      {
        cause,
      },
    )
  }
  throw new EnrollmentRefusedError('csr-invalid', 'the request is not signed by its own key')
}

/** A client certificate: CN = appliance id, and nothing else of what the request asked for. */
export async function createApplianceCertificate(
  issuer: Issuer,
  applianceId: string,
  publicKey: CryptoKey,
  nowMs: EpochMs,
  lifeMs: number,
): Promise<string> {
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${applianceId}`,
    issuer: issuer.certificate.subject,
    publicKey,
    signingKey: issuer.key,
    signingAlgorithm: ecdsa,
    notBefore: new Date(nowMs - backdateMs),
    notAfter: new Date(nowMs + lifeMs),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
      await AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
    ],
  })
  return certificate.toString('pem')
}

/** Reads a certificate and its key back. @throws Error where they do not parse or do not belong together. */
export async function readIssuer({ certificatePem, keyPem }: CertifiedKey): Promise<Issuer> {
  const certificate = new X509Certificate(certificatePem)
  const key = await crypto.subtle.importKey('pkcs8', pemBytes(keyPem), ecdsa, false, ['sign'])
  const probe = new TextEncoder().encode('belongs together')
  const signature = await crypto.subtle.sign(ecdsa, key, probe)
  const publicKey = await certificate.publicKey.export(ecdsa, ['verify'])
  if (await crypto.subtle.verify(ecdsa, publicKey, signature, probe)) return { certificate, key }
  throw new Error('the key does not belong to the certificate')
}

/** What a server certificate was made for, and until when. */
export function readServerCertificate(pem: string): { hosts: readonly string[]; notAfterMs: EpochMs } {
  const certificate = new X509Certificate(pem)
  const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names.items ?? []
  return { hosts: names.map(({ value }) => value), notAfterMs: certificate.notAfter.getTime() }
}

/** DER bytes of a certificate's PEM. */
export function certificateDer(pem: string): Buffer {
  return Buffer.from(new X509Certificate(pem).rawData)
}

async function exportKey(key: CryptoKey): Promise<string> {
  const base64 = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${base64.replace(/.{64}(?=.)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`
}

function pemBytes(pem: string): Uint8Array<ArrayBuffer> {
  const base64 = pem.replace(/-----[A-Z ]+-----/g, '').replace(/\s+/g, '')
  return new Uint8Array(Buffer.from(base64, 'base64'))
}
