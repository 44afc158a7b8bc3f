import { createHmac, timingSafeEqual } from 'node:crypto'
import { fingerprint } from '@proactive/shared'
import type { Helpdesk, HelpdeskOutcome, RemoteIssue } from '../helpdesk.ts'
import { createTrackerCall } from './call.ts'
import { listenerOnly, toldIssue } from './told-only.ts'

/** How old a signed request may be before a receiver should refuse it (s). */
const maxAgeSeconds = 300

export interface WebhookOptions {
  readonly url: string
  /** Shared with the receiver; at least 16 characters. */
  readonly secret: string
  readonly nowMs: () => number
  readonly callTimeoutMs?: number
}

/**
 * Tells every Issue to an HTTP receiver, signed. The contract (docs/helpdesks.md): `POST` of `{v, type, key, …}` with
 * `X-Proactive-Delivery`, the same for every repeat of one operation, and `X-Proactive-Signature: t=<s>,v1=<hex>`, the HMAC-SHA256 of
 * `<s>.<body>`. A receiver answers 2xx once it has kept the delivery and drops repeats by delivery id.
 * Proven against a receiver of our own, not on anybody's service.
 */
export function createWebhookHelpdesk(options: WebhookOptions): Helpdesk & { stop(): Promise<void> } {
  const { url, secret, nowMs, callTimeoutMs = 10_000 } = options
  const { call, stop } = createTrackerCall({ baseUrl: url, headers: {}, callTimeoutMs })

  async function tell(
    type: string,
    key: string,
    operation: string,
    content: object,
    told: Pick<RemoteIssue, 'status' | 'ownerTeamId'>,
    signal: AbortSignal,
  ): Promise<HelpdeskOutcome<RemoteIssue>> {
    const body = JSON.stringify({ v: 1, type, key, ...content })
    const seconds = Math.floor(nowMs() / 1_000)
    const headers = {
      'x-proactive-delivery': fingerprint([key, operation]),
      'x-proactive-signature': signWebhook(secret, seconds, body),
    }
    const answer = await call({ method: 'POST', path: url, body, headers, signal })
    return answer.kind === 'ok' ? { kind: 'ok', value: toldIssue('hook', key, told, nowMs()) } : answer
  }

  return {
    ...listenerOnly,
    caps: { createIdempotency: 'native', settleMs: 0 },
    async preflight(signal) {
      const ping = await tell(
        'ping',
        'px-preflight',
        `${nowMs()}`,
        {},
        { status: 'Unclaimed', ownerTeamId: '' },
        signal,
      )
      if (ping.kind === 'ok') return { ok: true }
      const why = ping.kind === 'permanent' ? ping.message : ping.reason
      return { ok: false, problems: [`The webhook receiver at ${url} does not take a signed ping: ${why}.`] }
    },
    open: (key, issue, signal) =>
      tell(
        'issue.opened',
        key,
        'open',
        { issue },
        { status: 'Unclaimed', ownerTeamId: issue.ownerTeamId },
        signal,
      ),
    update: (key, update, signal) =>
      tell(
        'issue.updated',
        key,
        update.opId,
        { ...update },
        { status: 'Unclaimed', ownerTeamId: update.change.ownerTeamId ?? '' },
        signal,
      ),
    recover: (key, recovery, signal) =>
      tell(
        'issue.recovered',
        key,
        recovery.opId,
        { ...recovery },
        { status: 'Resolved', ownerTeamId: '' },
        signal,
      ),
    stop,
  }
}

/** `t=<seconds>,v1=<hex of HMAC-SHA256 over "<seconds>.<body>">`. */
export function signWebhook(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

/** What a receiver does: the signature is ours, the time is near, compared in constant time. */
export function isWebhookSigned(secret: string, signature: string, body: string, nowMs: number): boolean {
  const seconds = Number(/^t=(\d{1,12}),v1=[0-9a-f]{64}$/.exec(signature)?.[1] ?? Number.NaN)
  if (!(Math.abs(nowMs / 1_000 - seconds) <= maxAgeSeconds)) return false
  return timingSafeEqual(Buffer.from(signWebhook(secret, seconds, body)), Buffer.from(signature))
}
