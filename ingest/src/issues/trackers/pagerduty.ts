import type { Issue, OpenIssue } from '@proactive/shared/http'
import type { Helpdesk, HelpdeskOutcome, RemoteIssue } from '../helpdesk.ts'
import { createTrackerCall } from './call.ts'
import { listenerOnly, toldIssue } from './told-only.ts'
import type { IssueContext } from './tracker.ts'

/** PagerDuty's severities for ours (Events API v2, `payload.severity`). */
const severityNames = { low: 'info', medium: 'warning', high: 'error', critical: 'critical' } as const

export interface PagerDutyOptions {
  /** `https://events.pagerduty.com` in the field. */
  readonly url: string
  /** Integration key (routing key) of each Team's service. */
  readonly routingKeyByTeam: ReadonlyMap<string, string>
  readonly context: IssueContext
  readonly nowMs: () => number
  readonly callTimeoutMs?: number
}

/**
 * PagerDuty by its documented Events API v2: our key is the `dedup_key`, so a repeat never makes a second incident while it is open.
 * An update without a new owner is not sent: a second trigger would overwrite the text, and reopen what a person resolved there.
 * Written from the documentation; not proven on the real service.
 */
export function createPagerDuty(options: PagerDutyOptions): Helpdesk & { stop(): Promise<void> } {
  const { url, routingKeyByTeam, context, nowMs, callTimeoutMs = 10_000 } = options
  const { call, stop } = createTrackerCall({ baseUrl: url, headers: {}, callTimeoutMs })

  async function send(event: object, signal: AbortSignal): Promise<HelpdeskOutcome<void>> {
    const answer = await call({ method: 'POST', path: '/v2/enqueue', body: event, signal })
    return answer.kind === 'ok' ? { kind: 'ok', value: undefined } : answer
  }

  async function trigger(
    key: string,
    issue: OpenIssue | Omit<Issue, 'id'>,
    teamId: string,
    signal: AbortSignal,
  ) {
    const routingKey = routingKeyByTeam.get(teamId)
    if (routingKey === undefined) {
      return {
        kind: 'permanent',
        code: 'team-unmapped',
        message: `Team ${teamId} has no routing key: name one in PROACTIVE_HELPDESK_TEAMS`,
      } as const
    }
    return send(eventOf(key, routingKey, issue), signal)
  }

  async function resolveAt(routingKeys: Iterable<string>, key: string, signal: AbortSignal) {
    for (const routingKey of new Set(routingKeys)) {
      // Resolving what is not open there is accepted and changes nothing.
      const resolved = await send(
        { routing_key: routingKey, event_action: 'resolve', dedup_key: key },
        signal,
      )
      if (resolved.kind !== 'ok') return resolved
    }
    return { kind: 'ok', value: undefined } as const
  }

  const told = (
    outcome: HelpdeskOutcome<void>,
    key: string,
    state: Pick<RemoteIssue, 'status' | 'ownerTeamId'>,
  ): HelpdeskOutcome<RemoteIssue> =>
    outcome.kind === 'ok' ? { kind: 'ok', value: toldIssue('pd', key, state, nowMs()) } : outcome

  return {
    ...listenerOnly,
    caps: { createIdempotency: 'native', settleMs: 0 },
    async preflight() {
      // An event is the only thing this API takes: a wrong key shows at the first one only, so its shape is all that can be checked.
      const problems = [...routingKeyByTeam]
        .filter(([, routingKey]) => !/^[A-Za-z0-9]{32}$/.test(routingKey))
        .map(([teamId]) => `The PagerDuty routing key of Team ${teamId} is not 32 letters and digits.`)
      return problems.length === 0 ? { ok: true } : { ok: false, problems }
    },
    async open(key, issue, signal) {
      const state = { status: 'Unclaimed', ownerTeamId: issue.ownerTeamId } as const
      return told(await trigger(key, issue, issue.ownerTeamId, signal), key, state)
    },
    async update(key, { change }, signal) {
      const teamId = change.ownerTeamId
      const state = { status: 'Unclaimed', ownerTeamId: teamId ?? '' } as const
      if (teamId === undefined) return told({ kind: 'ok', value: undefined }, key, state)
      const placeholder = toldIssue('pd', key, state, nowMs())
      const issue = await context.issueOf(key, {
        id: placeholder.number,
        key,
        teamId,
        status: 'Unclaimed',
        name: '',
        assignee: undefined,
        createdAtMs: 0,
        updatedAtMs: 0,
      })
      if (issue === undefined)
        return { kind: 'permanent', code: 'not-found', message: 'nothing was told under this key' }
      const body = { ...issue, ...change, ...withoutTicketFields(nowMs()) } as Omit<Issue, 'id'>
      const moved = await trigger(key, body, teamId, signal)
      if (moved.kind !== 'ok') return moved
      const newKey = routingKeyByTeam.get(teamId)
      const others = [...routingKeyByTeam.values()].filter((routingKey) => routingKey !== newKey)
      return told(await resolveAt(others, key, signal), key, state)
    },
    async recover(key, _recovery, signal) {
      const state = { status: 'Resolved', ownerTeamId: '' } as const
      return told(await resolveAt(routingKeyByTeam.values(), key, signal), key, state)
    },
    stop,
  }
}

function withoutTicketFields(nowMs: number) {
  return {
    number: 1,
    status: 'Unclaimed',
    isTouched: false,
    version: 0,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  } as const
}

/** Limits of the Events API v2: summary 1,024 characters, the whole event 512 kB. */
function eventOf(key: string, routingKey: string, issue: OpenIssue | Omit<Issue, 'id'>): object {
  return {
    routing_key: routingKey,
    event_action: 'trigger',
    dedup_key: key,
    client: 'Proactive',
    payload: {
      summary: issue.name.slice(0, 1_024),
      source: issue.locationId,
      severity: severityNames[issue.severity],
      component: issue.product.name,
      group: issue.locationId,
      class: issue.proactive?.faultClass ?? 'unknown',
      ...(issue.proactive === undefined
        ? {}
        : { timestamp: new Date(issue.proactive.startedAtMs).toISOString() }),
      custom_details: { symptoms: issue.symptoms, diagnosis: issue.diagnosis, articles: issue.articleUrls },
    },
  }
}
