import { createHash, randomBytes } from 'node:crypto'
import { base32, type EpochMs } from '@proactive/shared'
import type { EnrollAnswer, EnrollRequest } from '@proactive/shared/http'
import type { CertificateAuthority, IssuedCertificate } from './authority.ts'
import { EnrollmentRefusedError } from './errors.ts'
import type { ApplianceRegistry, ClaimStore, KnownAppliance } from './ports.ts'

/** How appliances get and keep their identity (design §2). */
export interface Enrollment {
  /** Spends the token and signs the request. The same token and key again within minutes get the same answer: the first one may have been lost on its way. */
  enroll(request: EnrollRequest): Promise<EnrollAnswer>
  /** Signs a new certificate for an appliance that showed its present one. */
  renew(applianceId: string, csrPem: string): Promise<EnrollAnswer>
  /** Ends the service of an appliance that showed its certificate, as before a factory reset. */
  revoke(applianceId: string): Promise<void>
}

export interface EnrollmentOptions {
  readonly authority: CertificateAuthority
  readonly claims: ClaimStore
  readonly registry: ApplianceRegistry
  /** Where appliances connect, `mqtts://host:port`; asked when needed, since the port may come from the system. */
  readonly mqttUrl: () => string
  readonly nowMs: () => EpochMs
}

const repeatWindowMs = 10 * 60_000
const maxRepeats = 200

/** @throws EnrollmentRefusedError from its methods; what the directory throws passes through. */
export function createEnrollment(options: EnrollmentOptions): Enrollment {
  const { authority, claims, registry, mqttUrl, nowMs } = options
  const answers = new Map<string, { readonly answer: EnrollAnswer; readonly atMs: EpochMs }>()

  const toAnswer = (applianceId: string, locationId: string, issued: IssuedCertificate): EnrollAnswer => ({
    applianceId,
    locationId,
    certificatePem: issued.certificatePem,
    caPem: authority.caPem,
    mqttUrl: mqttUrl(),
    renewAfterMs: issued.renewAfterMs,
  })

  function remember(key: string, answer: EnrollAnswer): void {
    answers.set(key, { answer, atMs: nowMs() })
    const oldest = answers.size > maxRepeats ? answers.keys().next().value : undefined
    if (oldest !== undefined) answers.delete(oldest)
  }

  async function findKnown(applianceId: string): Promise<KnownAppliance> {
    const known = await registry.find(applianceId)
    if (known !== undefined) return known
    throw new EnrollmentRefusedError('appliance-unknown', 'This appliance is not known here: claim it anew.')
  }

  return {
    async enroll({ token, csrPem }) {
      // The request is checked before the token is spent: a broken one must not cost it.
      const fingerprint = await authority.keyFingerprint(csrPem)
      const key = createHash('sha256').update(`${token}:${fingerprint}`).digest('hex')
      const earlier = answers.get(key)
      if (earlier !== undefined && nowMs() - earlier.atMs < repeatWindowMs) return earlier.answer
      const claim = await claims.consume(token)
      if (claim === undefined) {
        throw new EnrollmentRefusedError(
          'token-invalid',
          'This claim is unknown, used or older than 24 hours: let a technician make a new one in the console.',
        )
      }
      const applianceId = `ap-${base32(randomBytes(10))}`
      const issued = await authority.issue(applianceId, csrPem)
      const { locationId } = claim
      await registry.register({ applianceId, locationId, certificateNotAfterMs: issued.notAfterMs })
      const answer = toAnswer(applianceId, locationId, issued)
      remember(key, answer)
      return answer
    },
    async renew(applianceId, csrPem) {
      const known = await findKnown(applianceId)
      if (known.revokedAtMs !== undefined) {
        throw new EnrollmentRefusedError('certificate-revoked', 'This appliance was revoked: claim it anew.')
      }
      const issued = await authority.issue(applianceId, csrPem)
      await registry.renewed(applianceId, issued.notAfterMs)
      return toAnswer(applianceId, known.locationId, issued)
    },
    async revoke(applianceId) {
      await findKnown(applianceId)
      await registry.revoke(applianceId)
    },
  }
}
