import { createHash } from 'node:crypto'
import { base32 } from '@proactive/shared'
import type { EnrollAnswer, EnrollRequest } from '@proactive/shared/http'
import type { CertificateAuthority, IssuedCertificate } from './authority.ts'
import { EnrollmentRefusedError } from './errors.ts'
import type { ApplianceRegistry, ClaimStore, KnownAppliance } from './ports.ts'

/** How appliances get and keep their identity. */
export interface Enrollment {
  /** Spends the token and signs the request. The same token and key again are the same appliance: the first answer may have been lost on its way. */
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
}

/** @throws EnrollmentRefusedError from its methods; what the directory throws passes through. */
export function createEnrollment(options: EnrollmentOptions): Enrollment {
  const { authority, claims, registry, mqttUrl } = options

  const toAnswer = (applianceId: string, locationId: string, issued: IssuedCertificate): EnrollAnswer => ({
    applianceId,
    locationId,
    certificatePem: issued.certificatePem,
    caPem: authority.caPem,
    mqttUrl: mqttUrl(),
    renewAfterMs: issued.renewAfterMs,
  })

  async function findKnown(applianceId: string): Promise<KnownAppliance> {
    const known = await registry.find(applianceId)
    if (known !== undefined) return known
    throw new EnrollmentRefusedError('appliance-unknown', 'This appliance is not known here: claim it anew.')
  }

  function refuseRevoked(known: KnownAppliance | undefined): void {
    if (known?.revokedAtMs === undefined) return
    throw new EnrollmentRefusedError('certificate-revoked', 'This appliance was revoked: claim it anew.')
  }

  return {
    async enroll({ token, csrPem }) {
      // The request is checked before the token is spent: a broken one must not cost it.
      const fingerprint = await authority.keyFingerprint(csrPem)
      const applianceId = nameOf(token, fingerprint)
      const claim = await claims.consume(token, applianceId)
      if (claim === undefined) {
        throw new EnrollmentRefusedError(
          'token-invalid',
          'This claim is unknown, used or older than 24 hours: let a technician make a new one in the console.',
        )
      }
      refuseRevoked(await registry.find(applianceId))
      const issued = await authority.issue(applianceId, csrPem)
      const { locationId } = claim
      const { notAfterMs, certificatePem } = issued
      await registry.register({ applianceId, locationId, certificateNotAfterMs: notAfterMs, certificatePem })
      return toAnswer(applianceId, locationId, issued)
    },
    async renew(applianceId, csrPem) {
      const known = await findKnown(applianceId)
      refuseRevoked(known)
      const issued = await authority.issue(applianceId, csrPem)
      await registry.renewed(applianceId, issued.notAfterMs, issued.certificatePem)
      return toAnswer(applianceId, known.locationId, issued)
    },
    async revoke(applianceId) {
      await findKnown(applianceId)
      await registry.revoke(applianceId)
    },
  }
}

/** 80 bits that follow from token and key: a repeat is the same appliance, also after a crash between spending the token and answering. */
function nameOf(token: string, keyFingerprint: string): string {
  const digest = createHash('sha256').update(`${token}:${keyFingerprint}`).digest()
  return `ap-${base32(digest.subarray(0, 10))}`
}
