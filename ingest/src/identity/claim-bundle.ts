import { createHash } from 'node:crypto'
import { type ClaimBundle, claimBundleSchema } from '@proactive/shared/http'

/**
 * What a technician types, pastes or scans at the appliance: base64url of the bundle's JSON. It carries the authority's fingerprint,
 * so the appliance knows the cloud before it trusts it.
 */
export function createClaimBundle(parts: { url: string; token: string; caDer: Uint8Array }): string {
  const bundle: ClaimBundle = claimBundleSchema.parse({
    v: 1,
    url: parts.url,
    caSha256: createHash('sha256').update(parts.caDer).digest('hex'),
    token: parts.token,
  })
  return Buffer.from(JSON.stringify(bundle)).toString('base64url')
}
