import { createCertificateRequest } from './adapters/certificate-request.ts'
import { certificateEndMs, type IdentityStore } from './adapters/identity-store.ts'
import { whyClaimAnew } from './core/certificate-end.ts'
import type { Log, Stop } from './ports/index.ts'

const checkEveryMs = 3_600_000

/**
 * Renews the appliance's certificate in time (two thirds of its life), for the same key. The new one is used from the next connection on;
 * a failure is tried again an hour later, for a month before it matters. An ended one is not tried: the cloud renews only what is valid. That is
 * told once, with what to do.
 */
export function startRenewal(
  store: IdentityStore,
  log: Log,
  nowMs: () => number,
  options: { readonly proxy?: string | undefined } = {},
): Stop {
  let isRunning = false
  let isEndTold = false
  async function check(): Promise<void> {
    const identity = store.read()
    if (identity === undefined || isRunning || nowMs() < identity.renewAfterMs) return
    const ended = whyClaimAnew(certificateEndMs(identity), nowMs())
    if (ended !== undefined) {
      if (!isEndTold) log.error({ applianceId: identity.applianceId }, ended)
      isEndTold = true
      return
    }
    isEndTold = false
    isRunning = true
    // Loaded when it is due, once in two months: node:https costs memory that the running agent can spare elsewhere.
    const { EnrollError, renew, sha256 } = await import('./adapters/enroll-client.ts')
    try {
      const answer = await renew(identity, createCertificateRequest(identity.keyPem), options.proxy)
      store.write(answer, {
        enrollUrl: identity.enrollUrl,
        claimFingerprint: store.claimFingerprint() ?? sha256('renewed'),
      })
      log.info({ renewAfterMs: answer.renewAfterMs }, 'the certificate was renewed')
    } catch (err) {
      log.warn(
        { err, isRetryable: err instanceof EnrollError && err.retryable },
        'the certificate could not be renewed',
      )
    } finally {
      isRunning = false
    }
  }
  const checkQuietly = () => {
    check().catch((err: unknown) => log.error({ err }, 'the identity could not be read'))
  }
  const timer = setInterval(checkQuietly, checkEveryMs)
  checkQuietly()
  return () => clearInterval(timer)
}
