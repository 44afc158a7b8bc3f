import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EpochMs, UsageError } from '@proactive/shared'
import {
  type CertifiedKey,
  certificateDer,
  createApplianceCertificate,
  createAuthority,
  createServerCertificate,
  type Issuer,
  readIssuer,
  readServerCertificate,
  verifyRequest,
} from './certificates.ts'
import { writeSecret } from './write-secret.ts'

const dayMs = 86_400_000
const authorityLifeMs = 3_652 * dayMs
const serverLifeMs = 730 * dayMs
/** A server certificate with less than this left is made anew at start. */
const serverRenewMs = serverLifeMs / 3
/** Design §2: 90-day certificates, renewed after two thirds. */
export const applianceLifeMs = 90 * dayMs
const renewAfter = 2 / 3

/** A certificate just issued to an appliance. */
export interface IssuedCertificate {
  readonly certificatePem: string
  readonly notAfterMs: EpochMs
  readonly renewAfterMs: EpochMs
}

/** The cloud's own certificate authority: who it is, its servers' certificate, and what it signs for appliances. */
export interface CertificateAuthority {
  readonly caPem: string
  readonly caDer: Buffer
  /** SHA-256 of the certificate's DER, lower-case hex; what a claim bundle carries. */
  readonly caSha256: string
  readonly server: CertifiedKey
  /** Signs for the key of the request. @throws EnrollmentRefusedError `csr-invalid`. */
  issue(applianceId: string, csrPem: string): Promise<IssuedCertificate>
  /** SHA-256 of the request's public key, hex; tells the same key again. @throws EnrollmentRefusedError `csr-invalid`. */
  keyFingerprint(csrPem: string): Promise<string>
}

export interface AuthorityOptions {
  readonly dataDir: string
  /** Names and addresses that clients reach the servers by; the certificate is made anew when they change. */
  readonly hosts: readonly string[]
  readonly nowMs: () => EpochMs
}

/**
 * Opens the authority in `<data>/ca`, making it at the first start: `ca.crt`, `ca.key` (0600), `server.crt`, `server.key`.
 * @throws UsageError in one sentence where what lies there is damaged; it is never replaced by itself, since every appliance trusts it.
 */
export async function openCertificateAuthority(options: AuthorityOptions): Promise<CertificateAuthority> {
  const { dataDir, hosts, nowMs } = options
  const folder = join(dataDir, 'ca')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const issuer = await openIssuer(folder, nowMs())
  const caPem = issuer.certificate.toString('pem')
  const caDer = certificateDer(caPem)
  const server = await openServer(folder, issuer, hosts, nowMs())
  return {
    caPem,
    caDer,
    caSha256: createHash('sha256').update(caDer).digest('hex'),
    server,
    async issue(applianceId, csrPem) {
      const now = nowMs()
      const publicKey = await verifyRequest(csrPem)
      return {
        certificatePem: await createApplianceCertificate(
          issuer,
          applianceId,
          publicKey,
          now,
          applianceLifeMs,
        ),
        notAfterMs: now + applianceLifeMs,
        renewAfterMs: now + Math.floor(applianceLifeMs * renewAfter),
      }
    },
    async keyFingerprint(csrPem) {
      const spki = await crypto.subtle.exportKey('spki', await verifyRequest(csrPem))
      return createHash('sha256').update(Buffer.from(spki)).digest('hex')
    },
  }
}

async function openIssuer(folder: string, nowMs: EpochMs): Promise<Issuer> {
  const certificateFile = join(folder, 'ca.crt')
  const keyFile = join(folder, 'ca.key')
  if (!existsSync(certificateFile) && !existsSync(keyFile)) {
    const made = await createAuthority('Proactive appliance authority', nowMs, authorityLifeMs)
    writeSecret(keyFile, made.keyPem)
    writeSecret(certificateFile, made.certificatePem, 0o644)
  }
  try {
    return await readIssuer({
      certificatePem: readFileSync(certificateFile, 'utf8'),
      keyPem: readFileSync(keyFile, 'utf8'),
    })
  } catch (cause) {
    throw new UsageError(
      `The certificate authority in ${folder} cannot be used (${cause instanceof Error ? cause.message : cause}): restore ca.key and ca.crt from a backup, or remove both and enrol every appliance anew.`,
      { cause },
    )
  }
}

async function openServer(
  folder: string,
  issuer: Issuer,
  hosts: readonly string[],
  nowMs: EpochMs,
): Promise<CertifiedKey> {
  const certificateFile = join(folder, 'server.crt')
  const keyFile = join(folder, 'server.key')
  const found = readPair(certificateFile, keyFile)
  if (found !== undefined && (await isFit(found, issuer, hosts, nowMs))) return found
  const made = await createServerCertificate(issuer, hosts, nowMs, serverLifeMs)
  writeSecret(keyFile, made.keyPem)
  writeSecret(certificateFile, made.certificatePem, 0o644)
  return made
}

function readPair(certificateFile: string, keyFile: string): CertifiedKey | undefined {
  if (!existsSync(certificateFile) || !existsSync(keyFile)) return undefined
  return { certificatePem: readFileSync(certificateFile, 'utf8'), keyPem: readFileSync(keyFile, 'utf8') }
}

/** Whether it still serves: same names, time left, its own key, and signed by this authority. A damaged one is simply made anew. */
async function isFit(
  pair: CertifiedKey,
  issuer: Issuer,
  hosts: readonly string[],
  nowMs: EpochMs,
): Promise<boolean> {
  try {
    const { certificate } = await readIssuer(pair)
    const { hosts: named, notAfterMs } = readServerCertificate(pair.certificatePem)
    const isSigned = await certificate.verify({
      publicKey: issuer.certificate.publicKey,
      signatureOnly: true,
    })
    const isSame = [...named].sort().join() === [...hosts].sort().join()
    return isSigned && isSame && notAfterMs - nowMs > serverRenewMs
  } catch {
    return false
  }
}
