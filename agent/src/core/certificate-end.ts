import type { EpochMs } from '@proactive/shared'

/**
 * Why the cloud takes this appliance no more, and what to do, in one sentence; undefined while its certificate is good. An ended certificate
 * opens neither the gateway nor the renewal (both ask for one that is valid): a box that was off for too long is claimed anew.
 */
export function whyClaimAnew(endsAtMs: EpochMs, nowMs: EpochMs): string | undefined {
  if (nowMs <= endsAtMs) return undefined
  const day = new Date(endsAtMs).toISOString().slice(0, 10)
  return `The certificate of this appliance ended on ${day} and cannot be renewed any more: make a new claim for its Location in the console and run "proactive-agent claim <bundle>" with it.`
}
