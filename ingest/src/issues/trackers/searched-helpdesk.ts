import { setTimeout as delay } from 'node:timers/promises'
import { toShortText } from '@proactive/shared'
import type { Issue, OpenIssue, UpdateIssue } from '@proactive/shared/http'
import type { Helpdesk, HelpdeskOutcome, RemoteIssue } from '../helpdesk.ts'
import type { IssueContext, Ticket, TicketHistory, Tracker } from './tracker.ts'

/** A change within the second of the last look would be missed: every look goes back this far. */
const overlapMs = 2_000
const maxRemembered = 10_000
/** Such trackers answer in hundreds of milliseconds with a handful of workers. */
const maxConcurrency = 3

export interface SearchedHelpdeskOptions {
  readonly tracker: Tracker
  readonly context: IssueContext
  /** Longest time in which a request that got no answer may still arrive and become findable (ms). */
  readonly settleMs: number
  /** Between two looks for changes (ms); these trackers do not tell by themselves. */
  readonly pollMs: number
}

/**
 * A helpdesk over a tracker that must be searched: created once, told by operation id, read back after every change.
 * What people closed stays closed, what they touched is theirs to confirm.
 */
export function createSearchedHelpdesk({
  tracker,
  context,
  settleMs,
  pollMs,
}: SearchedHelpdeskOptions): Helpdesk {
  const remoteOf = (ticket: Ticket, isTouched: boolean): RemoteIssue => ({
    key: ticket.key ?? '',
    id: `${tracker.idPrefix}-${ticket.id}`,
    number: ticket.id,
    status: ticket.status,
    ownerTeamId: ticket.teamId ?? '',
    isTouched,
    createdAtMs: ticket.createdAtMs,
  })

  /** The tickets with exactly this key: fuzzy searches and ignored filters answer others too. */
  async function ticketsOf(key: string, signal: AbortSignal): Promise<HelpdeskOutcome<Ticket[]>> {
    const found = await tracker.search(key, signal)
    if (found.kind !== 'ok') return found
    const exact = found.value.filter((ticket) => ticket.key === key)
    return { kind: 'ok', value: exact.sort((a, b) => a.id - b.id) }
  }

  /** Reads the ticket of a key with its history; a ticket that people deleted is gone for good. */
  async function look(
    key: string,
    signal: AbortSignal,
  ): Promise<HelpdeskOutcome<{ ticket: Ticket; history: TicketHistory }>> {
    const found = await ticketsOf(key, signal)
    if (found.kind !== 'ok') return found
    const [ticket] = found.value
    if (ticket === undefined)
      return { kind: 'permanent', code: 'not-found', message: 'no ticket carries this key any more' }
    const history = await tracker.history(ticket.id, signal)
    return history.kind === 'ok' ? { kind: 'ok', value: { ticket, history: history.value } } : history
  }

  return {
    caps: { createIdempotency: 'search', settleMs, concurrency: maxConcurrency },
    async preflight(signal) {
      const problems = await tracker.preflight(signal)
      return problems.length === 0 ? { ok: true } : { ok: false, problems }
    },
    async open(key, issue, signal) {
      const created = await tracker.create(
        {
          key,
          teamId: issue.ownerTeamId,
          name: issue.name,
          text: ticketText(issue),
          severity: issue.severity,
          locationId: issue.locationId,
          product: issue.product.name,
        },
        signal,
      )
      if (created.kind !== 'ok') return created
      // Some trackers answer 201 and drop a field: a ticket without its key would be opened again.
      const ticket = await tracker.read(created.value, signal)
      if (ticket.kind !== 'ok') return { kind: 'ambiguous', reason: 'created, but could not be read back' }
      if (ticket.value.key === key) return { kind: 'ok', value: remoteOf(ticket.value, false) }
      return {
        kind: 'permanent',
        code: 'key-dropped',
        message: `ticket ${created.value} was created without its key: the key field is missing there or not writable`,
      }
    },
    async update(key, update, signal) {
      const seen = await look(key, signal)
      if (seen.kind !== 'ok') return seen
      const { ticket, history } = seen.value
      if (history.opIds.has(update.opId)) return { kind: 'ok', value: remoteOf(ticket, history.isTouched) }
      const isTheirs = isClosed(ticket) && history.isTouched
      const { change } = update
      const isMove =
        change.ownerTeamId !== undefined && change.ownerTeamId !== ticket.teamId && !isClosed(ticket)
      const changed = await tracker.change(
        ticket.id,
        {
          opId: update.opId,
          note: noteText(update),
          ...(isTheirs
            ? {}
            : {
                teamId: isMove ? change.ownerTeamId : undefined,
                name: change.name,
                product: change.product?.name,
                severity: change.severity,
              }),
        },
        signal,
      )
      if (changed.kind !== 'ok') return changed
      const now = await tracker.read(ticket.id, signal)
      if (now.kind !== 'ok') return now
      if (isMove && now.value.teamId !== change.ownerTeamId) {
        return {
          kind: 'permanent',
          code: 'not-moved',
          message: `ticket ${ticket.id} did not move to Team ${change.ownerTeamId}`,
        }
      }
      return { kind: 'ok', value: remoteOf(now.value, history.isTouched) }
    },
    async recover(key, recovery, signal) {
      const seen = await look(key, signal)
      if (seen.kind !== 'ok') return seen
      const { ticket, history } = seen.value
      if (history.opIds.has(recovery.opId)) return { kind: 'ok', value: remoteOf(ticket, history.isTouched) }
      const resolves = ticket.status === 'Unclaimed' && !history.isTouched
      const request = 'Please confirm with the Customer, then resolve this Issue.'
      const lines = [
        recovery.note,
        ...(resolves ? ['Resolved by itself.'] : isClosed(ticket) ? [] : [request]),
      ]
      const note = lines.filter((line) => line !== '').join('\n')
      const changed = await tracker.change(ticket.id, { opId: recovery.opId, note, resolves }, signal)
      if (changed.kind !== 'ok') return changed
      const now = await tracker.read(ticket.id, signal)
      if (now.kind !== 'ok') return now
      if (resolves && !isClosed(now.value))
        return {
          kind: 'permanent',
          code: 'not-resolved',
          message: `ticket ${ticket.id} could not be resolved`,
        }
      return { kind: 'ok', value: remoteOf(now.value, history.isTouched) }
    },
    async findByKey(key, signal) {
      const found = await ticketsOf(key, signal)
      return found.kind === 'ok'
        ? {
            kind: 'ok',
            value: found.value.map((ticket) => remoteOf(ticket, ticket.assignee !== undefined)),
          }
        : found
    },
    merge: (from, into, signal) => tracker.merge(from.number, into.number, signal),
    changesSince: createChangeLook(tracker, context, pollMs),
  }
}

/** Looks every `pollMs` for what changed; tells each state of a ticket once. */
function createChangeLook(tracker: Tracker, context: IssueContext, pollMs: number): Helpdesk['changesSince'] {
  const toldById = new Map<number, string>()
  return async (cursor, waitMs, signal) => {
    const deadline = Date.now() + waitMs
    const sinceMs = Math.max(0, parseCursor(cursor) - overlapMs)
    for (;;) {
      const changed = await tracker.changedSince(sinceMs, signal)
      if (changed.kind !== 'ok') return changed
      const issues: Issue[] = []
      for (const ticket of changed.value) {
        const state = JSON.stringify(ticket)
        if (ticket.key === undefined || toldById.get(ticket.id) === state) continue
        const issue = await issueOf(tracker, context, ticket.key, ticket, signal)
        if (issue?.kind === 'unknown') return issue.outcome
        if (issue !== undefined) issues.push(issue.issue)
        toldById.delete(ticket.id)
        toldById.set(ticket.id, state)
      }
      for (const id of toldById.keys()) {
        if (toldById.size <= maxRemembered) break
        toldById.delete(id)
      }
      const newestMs = Math.max(parseCursor(cursor), ...changed.value.map((ticket) => ticket.updatedAtMs))
      const left = deadline - Date.now()
      if (issues.length > 0 || left <= 0) return { kind: 'ok', value: { issues, cursor: `${newestMs}` } }
      await delay(Math.min(left, pollMs), undefined, { signal })
    }
  }
}

type Told =
  | { kind: 'known'; issue: Issue }
  | { kind: 'unknown'; outcome: Exclude<HelpdeskOutcome<never>, { kind: 'ok' }> }

async function issueOf(
  tracker: Tracker,
  context: IssueContext,
  key: string,
  ticket: Ticket,
  signal: AbortSignal,
): Promise<Told | undefined> {
  const rest = await context.issueOf(key, ticket)
  if (rest === undefined) return undefined
  const history = await tracker.history(ticket.id, signal)
  if (history.kind !== 'ok') return { kind: 'unknown', outcome: history }
  const { assignee, status } = ticket
  return {
    kind: 'known',
    issue: {
      ...rest,
      id: `${tracker.idPrefix}-${ticket.id}`,
      number: ticket.id,
      status,
      ...(status === 'Resolved' ? { resolution: 'Completed' } : {}),
      ...(status === 'Cancelled' ? { resolution: 'Cancelled' } : {}),
      ...(assignee === undefined ? {} : { ownerUserName: toShortText(assignee, 120) }),
      isTouched: history.value.isTouched,
      version: ticket.updatedAtMs,
      createdAtMs: ticket.createdAtMs,
      updatedAtMs: ticket.updatedAtMs,
    },
  }
}

function isClosed({ status }: Ticket): boolean {
  return status === 'Resolved' || status === 'Cancelled'
}

function parseCursor(cursor: string | undefined): number {
  return cursor !== undefined && /^\d{1,15}$/.test(cursor) ? Number(cursor) : 0
}

/** The first text of a ticket: what is felt, what is wrong, where to look. */
function ticketText(issue: OpenIssue): string {
  return [
    issue.symptoms,
    '',
    issue.diagnosis,
    '',
    `Product: ${issue.product.name}${issue.product.kind === 'not-listed' ? ' (not listed)' : ''}`,
    ...(issue.collaboratorTeamIds.length > 0
      ? [`Also concerned: ${issue.collaboratorTeamIds.join(', ')}`]
      : []),
    ...issue.articleUrls.map((url) => `Article: ${url}`),
    `Evidence: ${issue.proactive.evidenceUrl}`,
  ].join('\n')
}

function noteText({ note, change }: UpdateIssue): string {
  const lines = [note]
  if (change.ownerTeamId !== undefined)
    lines.push(`The cause moved: owner Team is now ${change.ownerTeamId}; the former one stays beside it.`)
  return lines.filter((line) => line !== '').join('\n')
}
