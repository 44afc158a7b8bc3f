import '../../ingest/src/identity/reflect-metadata.ts'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'

const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** A fresh key and a request signed by it. */
export async function createRequest(
  name = 'CN=whatever',
  algorithm: { name: 'ECDSA'; namedCurve: 'P-256' | 'P-384'; hash: 'SHA-256' } = p256,
): Promise<{ csrPem: string; keyPem: string }> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const request = await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm })
  const base64 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const keyPem = `-----BEGIN PRIVATE KEY-----\n${base64.replace(/.{64}(?=.)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`
  return { csrPem: request.toString('pem'), keyPem }
}
