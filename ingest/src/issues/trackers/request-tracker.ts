import { z } from 'zod'
import type { Helpdesk, HelpdeskOutcome } from '../helpdesk.ts'
import { createTrackerCall, type TrackerAnswer } from './call.ts'
import { createSearchedHelpdesk } from './searched-helpdesk.ts'
import type { IssueContext, NewTicket, Ticket, TicketChange, TicketHistory, Tracker } from './tracker.ts'

/** RT's own accounts: what they do is nobody's touch. */
const systemAccounts = new Set(['RT_System', 'Nobody'])
const fields = 'fields=Status,Subject,Owner,Creator,Created,LastUpdated,CustomFields,Queue&fields[Queue]=Name'

/** As many as RT gives at once, and how many pages of them are read at most. */
const pageSize = 100
const maxPages = 20

const reference = z.object({ id: z.coerce.string() })
const ticketSchema = z.object({
  id: z.coerce.number().int().positive(),
  Status: z.string(),
  Subject: z.string().nullish(),
  Owner: reference,
  Creator: reference,
  Created: z.string(),
  LastUpdated: z.string(),
  Queue: z.object({ id: z.coerce.string(), Name: z.string().nullish() }),
  CustomFields: z.array(z.object({ name: z.string(), values: z.array(z.string().nullable()) })).default([]),
})
const ticketPageSchema = z.object({ items: z.array(ticketSchema) })
const createdSchema = z.object({ id: z.coerce.number().int().positive() })
const historySchema = z.object({
  items: z.array(z.object({ Type: z.string(), Data: z.string().nullish(), Creator: reference })),
})
const queueSchema = z.object({
  Name: z.string(),
  Disabled: z.coerce.number().optional(),
  TicketCustomFields: z.array(z.object({ name: z.string().optional() })).default([]),
})

export interface RequestTrackerOptions {
  /** Where RT is served, e.g. `https://rt.example.com/` (with its path, if any). */
  readonly url: string
  /** An authentication token of a user of its own for Proactive: `1-<id>-<hex>`. */
  readonly token: string
  readonly queueByTeam: ReadonlyMap<string, string>
  readonly context: IssueContext
  /** Ticket custom field that holds the key; one value, free text, not unique (a unique one drops the key of a second ticket silently). */
  readonly keyField?: string
  /** Password hashing makes every call slow on small machines. */
  readonly callTimeoutMs?: number
  readonly settleMs?: number
  readonly pollMs?: number
}

/** Request Tracker 5 by its REST2 interface. Tried on the real thing: 5.0.3 of Debian 12. */
export function createRequestTracker(options: RequestTrackerOptions): Helpdesk & { stop(): Promise<void> } {
  const { url, token, callTimeoutMs = 15_000, pollMs = 5_000 } = options
  const baseUrl = new URL('REST/2.0/', url.endsWith('/') ? url : `${url}/`).href
  const { call, stop } = createTrackerCall({
    baseUrl,
    headers: { authorization: `token ${token}` },
    callTimeoutMs,
  })
  const tracker = createTracker(options, call)
  const settleMs = options.settleMs ?? callTimeoutMs + 30_000
  return { ...createSearchedHelpdesk({ tracker, context: options.context, settleMs, pollMs }), stop }
}

function createTracker(
  { url, queueByTeam, keyField = 'ProactiveKey' }: RequestTrackerOptions,
  call: ReturnType<typeof createTrackerCall>['call'],
): Tracker {
  const teamByQueue = new Map([...queueByTeam].map(([teamId, queue]) => [queue, teamId]))

  function ticketOf(raw: z.output<typeof ticketSchema>): Ticket {
    const owner = systemAccounts.has(raw.Owner.id) ? undefined : raw.Owner.id
    return {
      id: raw.id,
      key: raw.CustomFields.find((field) => field.name === keyField)?.values[0] ?? undefined,
      teamId: teamByQueue.get(raw.Queue.Name ?? ''),
      status: statusOf(raw.Status, owner),
      name: raw.Subject ?? '',
      assignee: owner,
      createdAtMs: Date.parse(raw.Created),
      updatedAtMs: Date.parse(raw.LastUpdated),
    }
  }

  /** All pages of a list, up to a bound. */
  async function pages<Item>(
    path: string,
    schema: z.ZodType<{ items: Item[] }>,
    signal: AbortSignal,
  ): Promise<HelpdeskOutcome<Item[]>> {
    const items: Item[] = []
    for (let page = 1; page <= maxPages; page += 1) {
      const answer = await call({ method: 'GET', path: `${path}&per_page=${pageSize}&page=${page}`, signal })
      const part = understood(answer, schema)
      if (part.kind !== 'ok') return part
      items.push(...part.value.items)
      if (part.value.items.length < pageSize) break
    }
    return { kind: 'ok', value: items }
  }

  async function find(
    query: string,
    orderBy: string,
    signal: AbortSignal,
  ): Promise<HelpdeskOutcome<readonly Ticket[]>> {
    const path = `tickets?query=${encodeURIComponent(query)}&${fields}&orderby=${orderBy}`
    const found = await pages(path, ticketPageSchema, signal)
    return found.kind === 'ok' ? { kind: 'ok', value: found.value.map(ticketOf) } : found
  }

  return {
    idPrefix: 'rt',
    async preflight(signal) {
      const problems: string[] = []
      for (const [teamId, queue] of queueByTeam) {
        const answer = understood(
          await call({ method: 'GET', path: `queue/${encodeURIComponent(queue)}`, signal }),
          queueSchema,
        )
        if (answer.kind === 'permanent') {
          problems.push(
            `Request Tracker has no queue "${queue}" for Team ${teamId}, or the user of the token may not see it: create it, grant SeeQueue and CreateTicket, or correct PROACTIVE_HELPDESK_TEAMS.`,
          )
        } else if (answer.kind !== 'ok') {
          problems.push(`Request Tracker at ${url} does not work: ${answer.reason}.`)
          break
        } else if (answer.value.Disabled === 1) {
          problems.push(
            `The queue "${queue}" of Team ${teamId} is disabled in Request Tracker: enable it, or name another.`,
          )
        } else if (!answer.value.TicketCustomFields.some((field) => field.name === keyField)) {
          problems.push(
            `The queue "${queue}" lacks the ticket custom field "${keyField}", or the user of the token may not see it: apply the field to the queue and grant SeeCustomField and ModifyCustomField.`,
          )
        }
      }
      return problems
    },
    // The key's alphabet holds no quote, so the query needs no escaping.
    search: (key, signal) => find(`'CF.{${keyField}}' = '${key}'`, 'id', signal),
    async create(ticket, signal) {
      const queue = queueByTeam.get(ticket.teamId)
      if (queue === undefined) return unmapped(ticket.teamId)
      const created = understood(
        await call({ method: 'POST', path: 'ticket', body: bodyOf(ticket, queue, keyField), signal }),
        createdSchema,
      )
      return created.kind === 'ok' ? { kind: 'ok', value: created.value.id } : created
    },
    async read(id, signal) {
      const found = await find(`id = ${id}`, 'id', signal)
      if (found.kind !== 'ok') return found
      const [ticket] = found.value
      return ticket === undefined
        ? { kind: 'permanent', code: 'not-found', message: `ticket ${id} is gone` }
        : { kind: 'ok', value: ticket }
    },
    async history(id, signal) {
      const items = await pages(`ticket/${id}/history?fields=Type,Data,Creator`, historySchema, signal)
      return items.kind === 'ok' ? { kind: 'ok', value: historyOf(items.value) } : items
    },
    change: async (id, change, signal) => {
      const queue = change.teamId === undefined ? undefined : queueByTeam.get(change.teamId)
      if (change.teamId !== undefined && queue === undefined) return unmapped(change.teamId)
      const columns = columnsOf(change, queue)
      if (columns !== undefined) {
        const changed = await call({ method: 'PUT', path: `ticket/${id}`, body: columns, signal })
        if (changed.kind !== 'ok') return changed
      }
      // The note last: it carries the operation's mark, so what is marked is whole.
      const said = await call({ method: 'POST', path: `ticket/${id}/comment`, body: noteOf(change), signal })
      return said.kind === 'ok' ? { kind: 'ok', value: undefined } : said
    },
    async merge(from, into, signal) {
      const merged = await call({
        method: 'PUT',
        path: `ticket/${from}`,
        body: { MergeInto: `${into}` },
        signal,
      })
      return merged.kind === 'ok' ? { kind: 'ok', value: undefined } : merged
    },
    changedSince: (sinceMs, signal) =>
      find(
        `LastUpdated >= '${new Date(sinceMs).toISOString().slice(0, 19).replace('T', ' ')}' AND 'CF.{${keyField}}' LIKE 'px-'`,
        'LastUpdated',
        signal,
      ),
  }
}

function bodyOf(ticket: NewTicket, queue: string, keyField: string): object {
  return {
    Queue: queue,
    Subject: ticket.name,
    Content: ticket.text,
    ContentType: 'text/plain',
    CustomFields: { [keyField]: ticket.key, Location: ticket.locationId, Product: ticket.product },
  }
}

/** What is set by PUT; undefined = nothing. A claim ends with a move, as far as the token's user may end it. */
function columnsOf({ name, product }: TicketChange, queue: string | undefined): object | undefined {
  const columns = {
    ...(queue === undefined ? {} : { Queue: queue, Owner: 'Nobody' }),
    ...(name === undefined ? {} : { Subject: name }),
    ...(product === undefined ? {} : { CustomFields: { Product: product } }),
  }
  return Object.keys(columns).length === 0 ? undefined : columns
}

function noteOf({ opId, note, resolves }: TicketChange): object {
  return {
    Subject: opId,
    Content: note === '' ? opId : note,
    ContentType: 'text/plain',
    ...(resolves === true ? { Status: 'resolved' } : {}),
  }
}

/** A comment's subject is kept as the transaction's `Data`: our operation's mark. The ticket's creator is our own user. */
function historyOf(items: z.output<typeof historySchema>['items']): TicketHistory {
  const ours = items.find((item) => item.Type === 'Create')?.Creator.id
  return {
    opIds: new Set(
      items
        .filter((item) => item.Type === 'Comment' && item.Creator.id === ours)
        .map((item) => (item.Data ?? '').trim()),
    ),
    isTouched: items.some((item) => item.Creator.id !== ours && !systemAccounts.has(item.Creator.id)),
  }
}

/** RT's default lifecycle; a claim is an owner, whatever the status. */
function statusOf(status: string, owner: string | undefined): Ticket['status'] {
  switch (status) {
    case 'resolved':
      return 'Resolved'
    case 'rejected':
    case 'deleted':
      return 'Cancelled'
    default:
      return owner === undefined ? 'Unclaimed' : 'Remote'
  }
}

function unmapped(teamId: string): HelpdeskOutcome<never> {
  return {
    kind: 'permanent',
    code: 'team-unmapped',
    message: `Team ${teamId} has no queue: name one in PROACTIVE_HELPDESK_TEAMS`,
  }
}

/** An answer in the shape expected; another one is doubt. */
export function understood<Schema extends z.ZodType>(
  outcome: HelpdeskOutcome<TrackerAnswer>,
  schema: Schema,
): HelpdeskOutcome<z.output<Schema>> {
  if (outcome.kind !== 'ok') return outcome
  const parsed = schema.safeParse(outcome.value.json)
  return parsed.success
    ? { kind: 'ok', value: parsed.data }
    : { kind: 'ambiguous', reason: `answer ${outcome.value.status} was not understood` }
}
