import type { Issue, OpenIssue } from '@proactive/shared/http'
import type { HelpdeskOutcome } from '../helpdesk.ts'

/** A foreign tracker's ticket as far as Proactive follows it. */
export interface Ticket {
  readonly id: number
  /** Content of the key field; undefined where it has none. */
  readonly key: string | undefined
  /** Undefined where somebody moved it to a queue that belongs to no Team of ours. */
  readonly teamId: string | undefined
  readonly status: Issue['status']
  readonly name: string
  /** Who claimed it. */
  readonly assignee: string | undefined
  readonly createdAtMs: number
  readonly updatedAtMs: number
}

/** What happened to a ticket beside our own doing. */
export interface TicketHistory {
  /** Operations of ours that it already took. */
  readonly opIds: ReadonlySet<string>
  /** A person wrote, claimed or changed something. */
  readonly isTouched: boolean
}

/** What we change at once; absent = as it is. */
export interface TicketChange {
  /** Marks the note, so that a repeat is recognised in the history. */
  readonly opId: string
  readonly note: string
  readonly teamId?: string | undefined
  readonly name?: string | undefined
  readonly product?: string | undefined
  readonly severity?: OpenIssue['severity'] | undefined
  /** Ends it. */
  readonly resolves?: boolean | undefined
}

/** Text of a new ticket, without anything that a tracker would read as markup of its own. */
export interface NewTicket {
  readonly key: string
  readonly teamId: string
  readonly name: string
  readonly text: string
  readonly severity: OpenIssue['severity']
  readonly locationId: string
  readonly product: string
}

/**
 * Port: a tracker whose creating is not idempotent and whose tickets are found by a key field. What is the same for all of them is
 * `createSearchedHelpdesk`. Nothing here trusts a status code: what a tracker says it did is read back.
 */
export interface Tracker {
  /** E.g. `rt`; begins the ids of its Issues. */
  readonly idPrefix: string
  /** What is set up wrongly, one sentence each; empty = good. */
  preflight(signal: AbortSignal): Promise<readonly string[]>
  /** Tickets with the key, closed ones too; may hold others, the caller looks at the key again. */
  search(key: string, signal: AbortSignal): Promise<HelpdeskOutcome<readonly Ticket[]>>
  create(ticket: NewTicket, signal: AbortSignal): Promise<HelpdeskOutcome<number>>
  read(id: number, signal: AbortSignal): Promise<HelpdeskOutcome<Ticket>>
  history(id: number, signal: AbortSignal): Promise<HelpdeskOutcome<TicketHistory>>
  change(id: number, change: TicketChange, signal: AbortSignal): Promise<HelpdeskOutcome<void>>
  /** Makes one of two: afterwards a search by key finds `into` only. */
  merge(from: number, into: number, signal: AbortSignal): Promise<HelpdeskOutcome<void>>
  /** Our tickets that changed at or after a time, oldest change first, at most a page. */
  changedSince(sinceMs: number, signal: AbortSignal): Promise<HelpdeskOutcome<readonly Ticket[]>>
}

/** What is known here about the Issue of a key and not at the tracker: the told fields and the directory's names. */
export interface IssueContext {
  /** Undefined where nothing was ever told under this key. */
  issueOf(key: string, ticket: Ticket): Promise<Omit<Issue, TicketFields> | undefined>
}
/** Fields of an Issue that the tracker itself answers. */
export type TicketFields =
  | 'id'
  | 'number'
  | 'status'
  | 'resolution'
  | 'isTouched'
  | 'version'
  | 'createdAtMs'
  | 'updatedAtMs'
  | 'ownerUserId'
  | 'ownerUserName'
