import type { Issue, OpenIssue, RecoverIssue, UpdateIssue } from '@proactive/shared/http'

/** What a provider can do; the outbox treats doubt accordingly. */
export interface HelpdeskCaps {
  /** `native` = the same key never opens twice, so a doubtful open is sent again as it is; `search` = it must be looked for by key first. */
  readonly createIdempotency: 'native' | 'search'
  /** How long a doubtful request may still arrive and become findable (ms); 0 where creating is natively idempotent. */
  readonly settleMs: number
  /** Requests at once that the provider bears; absent = as many as the outbox likes. */
  readonly concurrency?: number
}

/** How an operation ended. A timeout, a reset and a 5xx are doubt, not failure: the request may have been carried out. */
export type HelpdeskOutcome<Value> =
  | { readonly kind: 'ok'; readonly value: Value }
  /** Surely not carried out; the same request may succeed later. `isUnreachable` = nobody answered. */
  | {
      readonly kind: 'retry'
      readonly afterMs: number | null
      readonly reason: string
      readonly isUnreachable: boolean
    }
  | { readonly kind: 'ambiguous'; readonly reason: string }
  | { readonly kind: 'permanent'; readonly code: string; readonly message: string }

/** The provider's Issue as far as Proactive follows it. */
export interface RemoteIssue {
  readonly key: string
  readonly id: string
  readonly number: number
  readonly status: Issue['status']
  readonly ownerTeamId: string
  readonly isTouched: boolean
  readonly createdAtMs: number
}

/** What people and we did at the helpdesk since a place in its feed. */
export interface HelpdeskChanges {
  readonly issues: readonly Issue[]
  readonly cursor: string
}

/**
 * Port: a helpdesk that owns Issues. Adapters: the embedded one over HTTP, Request Tracker, Redmine, a signed webhook, PagerDuty.
 * Every call has a deadline of its own and never rejects because of the provider; it rejects only where `signal` aborts.
 */
export interface Helpdesk {
  readonly caps: HelpdeskCaps
  /** Finds a wrong address, key or right before the first fault does. */
  preflight(
    signal: AbortSignal,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly problems: readonly string[] }>
  open(key: string, issue: OpenIssue, signal: AbortSignal): Promise<HelpdeskOutcome<RemoteIssue>>
  /** `opId` makes a repeat harmless where the provider knows it. */
  update(key: string, update: UpdateIssue, signal: AbortSignal): Promise<HelpdeskOutcome<RemoteIssue>>
  recover(key: string, recovery: RecoverIssue, signal: AbortSignal): Promise<HelpdeskOutcome<RemoteIssue>>
  /** Every Issue with exactly this key; more than one = duplicates, lowest number first. */
  findByKey(key: string, signal: AbortSignal): Promise<HelpdeskOutcome<readonly RemoteIssue[]>>
  /** Makes one Issue of two with the same key; afterwards `into` alone is found. Absent where keys are unique. */
  merge?(from: RemoteIssue, into: RemoteIssue, signal: AbortSignal): Promise<HelpdeskOutcome<void>>
  /** Waits up to `waitMs` for the next change where there is none yet. */
  changesSince(
    cursor: string | undefined,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<HelpdeskOutcome<HelpdeskChanges>>
}

/** Port: the token that ingest itself acts with at the embedded helpdesk; made anew before it expires. */
export interface ServiceTokenSource {
  serviceToken(): string | Promise<string>
}
