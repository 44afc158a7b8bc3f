import { z } from 'zod'
import type { Helpdesk, HelpdeskOutcome } from '../helpdesk.ts'
import { createTrackerCall, type TrackerAnswer } from './call.ts'
import { understood } from './request-tracker.ts'
import { createSearchedHelpdesk } from './searched-helpdesk.ts'
import type { IssueContext, Ticket, TicketChange, TicketHistory, Tracker } from './tracker.ts'

/** As many as Redmine gives at once, and how many pages of them are read at most. */
const pageSize = 100
const maxPages = 20

const named = z.object({ id: z.number().int(), name: z.string() })
const ticketSchema = z.object({
  id: z.number().int().positive(),
  project: named,
  status: named.extend({ is_closed: z.boolean().optional() }),
  author: named,
  assigned_to: named.optional(),
  subject: z.string(),
  custom_fields: z
    .array(z.object({ id: z.number().int(), value: z.union([z.string(), z.array(z.string())]).nullish() }))
    .default([]),
  created_on: z.string(),
  updated_on: z.string(),
})
const journalSchema = z.object({ user: named, notes: z.string().nullish() })
const pageSchema = z.object({ issues: z.array(ticketSchema), total_count: z.number().int() })
const issueAnswerSchema = z.object({
  issue: ticketSchema.extend({ journals: z.array(journalSchema).default([]) }),
})
const projectAnswerSchema = z.object({
  project: z.object({
    id: z.number().int(),
    issue_custom_fields: z.array(named).default([]),
    trackers: z.array(named).default([]),
  }),
})
const statusesSchema = z.object({ issue_statuses: z.array(named.extend({ is_closed: z.boolean() })) })
const prioritiesSchema = z.object({ issue_priorities: z.array(named) })

export interface RedmineOptions {
  /** Where Redmine is served, e.g. `https://redmine.example.com/` (with its path, if any). */
  readonly url: string
  /** API key of a user of its own for Proactive. */
  readonly token: string
  /** Identifier of the project of each Team. */
  readonly projectByTeam: ReadonlyMap<string, string>
  readonly context: IssueContext
  /** Issue custom field that holds the key: text, "used as a filter", on every Team's project and tracker. */
  readonly keyField?: string
  /** Statuses by name; Redmine's own ones unless told otherwise. */
  readonly resolvedStatus?: string
  readonly cancelledStatus?: string
  readonly callTimeoutMs?: number
  readonly settleMs?: number
  readonly pollMs?: number
}

/** What Redmine calls the things that we name; read once and again after a failure. */
interface Dictionary {
  readonly fieldId: number
  readonly projectIdByTeam: ReadonlyMap<string, number>
  readonly teamByProjectId: ReadonlyMap<number, string>
  readonly resolvedId: number
  readonly cancelledId: number
  readonly priorityIds: readonly number[]
}

/** Redmine 5 by its REST interface. Tried on the real thing: 5.0.4 of Debian 12. */
export function createRedmine(options: RedmineOptions): Helpdesk & { stop(): Promise<void> } {
  const { url, token, callTimeoutMs = 15_000, pollMs = 5_000 } = options
  const baseUrl = new URL(url.endsWith('/') ? url : `${url}/`).href
  const { call, stop } = createTrackerCall({
    baseUrl,
    headers: { 'x-redmine-api-key': token },
    callTimeoutMs,
  })
  const settleMs = options.settleMs ?? callTimeoutMs + 30_000
  const tracker = createTracker(options, call)
  return { ...createSearchedHelpdesk({ tracker, context: options.context, settleMs, pollMs }), stop }
}

type Call = ReturnType<typeof createTrackerCall>['call']

function createTracker(options: RedmineOptions, call: Call): Tracker {
  let known: Dictionary | undefined

  /** The dictionary, or what stands in the way. */
  async function dictionary(signal: AbortSignal): Promise<HelpdeskOutcome<Dictionary>> {
    if (known !== undefined) return { kind: 'ok', value: known }
    const read = await readDictionary(options, call, signal)
    if (read.kind === 'ok') known = read.value
    return read
  }

  /** Runs with the dictionary. */
  async function using<Value>(
    signal: AbortSignal,
    work: (words: Dictionary) => Promise<HelpdeskOutcome<Value>>,
  ): Promise<HelpdeskOutcome<Value>> {
    const words = await dictionary(signal)
    return words.kind === 'ok' ? work(words.value) : words
  }

  async function find(
    query: string,
    words: Dictionary,
    signal: AbortSignal,
  ): Promise<HelpdeskOutcome<readonly Ticket[]>> {
    const tickets: Ticket[] = []
    for (let page = 0; page < maxPages; page += 1) {
      // Without `status_id=*` closed ones are hidden.
      const path = `issues.json?${query}&status_id=*&limit=${pageSize}&offset=${page * pageSize}`
      const answer = understood(await call({ method: 'GET', path, signal }), pageSchema)
      if (answer.kind !== 'ok') return answer
      tickets.push(...answer.value.issues.map((raw) => ticketOf(raw, words)))
      if (answer.value.issues.length < pageSize) break
    }
    return { kind: 'ok', value: tickets }
  }

  const get = async (id: number, signal: AbortSignal) =>
    understood(
      await call({ method: 'GET', path: `issues/${id}.json?include=journals`, signal }),
      issueAnswerSchema,
    )
  const put = (id: number, issue: object, signal: AbortSignal) =>
    call({ method: 'PUT', path: `issues/${id}.json`, body: { issue }, signal })

  return {
    idPrefix: 'redmine',
    preflight: (signal) => preflight(options, call, signal),
    search: (key, signal) =>
      using(signal, (words) => find(`cf_${words.fieldId}=${encodeURIComponent(key)}&sort=id`, words, signal)),
    create: (ticket, signal) =>
      using<number>(signal, async (words) => {
        const projectId = words.projectIdByTeam.get(ticket.teamId)
        if (projectId === undefined) return unmapped(ticket.teamId)
        const issue = {
          project_id: projectId,
          subject: ticket.name,
          description: ticket.text,
          priority_id: priorityId(ticket.severity, words),
          custom_fields: [{ id: words.fieldId, value: ticket.key }],
        }
        const created = await call({ method: 'POST', path: 'issues.json', body: { issue }, signal })
        const answer = understood(created, issueAnswerSchema)
        return answer.kind === 'ok' ? { kind: 'ok', value: answer.value.issue.id } : answer
      }),
    read: (id, signal) =>
      using<Ticket>(signal, async (words) => {
        const answer = await get(id, signal)
        return answer.kind === 'ok' ? { kind: 'ok', value: ticketOf(answer.value.issue, words) } : answer
      }),
    async history(id, signal) {
      const answer = await get(id, signal)
      return answer.kind === 'ok' ? { kind: 'ok', value: historyOf(answer.value.issue) } : answer
    },
    change: (id, change, signal) =>
      using(signal, async (words) => {
        const projectId = change.teamId === undefined ? undefined : words.projectIdByTeam.get(change.teamId)
        if (change.teamId !== undefined && projectId === undefined) return unmapped(change.teamId)
        return nothing(await put(id, columnsOf(change, projectId, words), signal))
      }),
    merge: (from, into, signal) =>
      using(signal, async (words) => {
        const notes = `Duplicate of #${into}: the same incident, opened twice on its way here.`
        // Without its key a search finds the first one only.
        const custom_fields = [{ id: words.fieldId, value: '' }]
        return nothing(await put(from, { status_id: words.cancelledId, custom_fields, notes }, signal))
      }),
    changedSince: (sinceMs, signal) =>
      using(signal, (words) => {
        const since = encodeURIComponent(`>=${new Date(sinceMs).toISOString().slice(0, 19)}Z`)
        return find(`cf_${words.fieldId}=~px-&updated_on=${since}&sort=updated_on`, words, signal)
      }),
  }
}

function ticketOf(raw: z.output<typeof ticketSchema>, words: Dictionary): Ticket {
  const value = raw.custom_fields.find((field) => field.id === words.fieldId)?.value
  const { status } = raw
  const assignee = raw.assigned_to?.name
  return {
    id: raw.id,
    key: typeof value === 'string' && value !== '' ? value : undefined,
    teamId: words.teamByProjectId.get(raw.project.id),
    status:
      status.id === words.cancelledId
        ? 'Cancelled'
        : status.id === words.resolvedId || status.is_closed === true
          ? 'Resolved'
          : assignee === undefined
            ? 'Unclaimed'
            : 'Remote',
    name: raw.subject,
    assignee,
    createdAtMs: Date.parse(raw.created_on),
    updatedAtMs: Date.parse(raw.updated_on),
  }
}

/** One request for everything: Redmine writes note and fields together. */
function columnsOf(
  { opId, note, name, severity, resolves }: TicketChange,
  projectId: number | undefined,
  words: Dictionary,
): object {
  return {
    notes: `${note}\n\n(${opId})`.trim(),
    ...(projectId === undefined ? {} : { project_id: projectId, assigned_to_id: '' }),
    ...(name === undefined ? {} : { subject: name }),
    ...(severity === undefined ? {} : { priority_id: priorityId(severity, words) }),
    ...(resolves === true ? { status_id: words.resolvedId } : {}),
  }
}

/** Our own user wrote the issue; our notes end with the operation's mark. */
function historyOf(raw: z.output<typeof issueAnswerSchema>['issue']): TicketHistory {
  const ours = raw.journals.filter((journal) => journal.user.id === raw.author.id)
  return {
    opIds: new Set(ours.flatMap((journal) => /\(([\w-]{1,80})\)$/.exec(journal.notes ?? '')?.[1] ?? [])),
    isTouched: raw.assigned_to !== undefined || ours.length < raw.journals.length,
  }
}

/** The four severities spread over the priorities there are, lowest first. */
function priorityId(severity: 'low' | 'medium' | 'high' | 'critical', { priorityIds }: Dictionary): number {
  const rank = ['low', 'medium', 'high', 'critical'].indexOf(severity)
  return priorityIds[Math.min(rank, priorityIds.length - 1)] ?? 1
}

async function readDictionary(
  { projectByTeam, keyField = 'ProactiveKey', ...options }: RedmineOptions,
  call: Call,
  signal: AbortSignal,
): Promise<HelpdeskOutcome<Dictionary>> {
  const { resolvedStatus = 'Resolved', cancelledStatus = 'Rejected' } = options
  const statuses = understood(
    await call({ method: 'GET', path: 'issue_statuses.json', signal }),
    statusesSchema,
  )
  if (statuses.kind !== 'ok') return statuses
  const idOf = (name: string) => statuses.value.issue_statuses.find((status) => status.name === name)?.id
  const resolvedId = idOf(resolvedStatus)
  const cancelledId = idOf(cancelledStatus)
  if (resolvedId === undefined || cancelledId === undefined) {
    const missing = resolvedId === undefined ? resolvedStatus : cancelledStatus
    return wrong(`Redmine has no status "${missing}": create it, or name another`)
  }
  const path = 'enumerations/issue_priorities.json'
  const priorities = understood(await call({ method: 'GET', path, signal }), prioritiesSchema)
  if (priorities.kind !== 'ok') return priorities
  const projectIdByTeam = new Map<string, number>()
  let fieldId: number | undefined
  for (const [teamId, identifier] of projectByTeam) {
    const project = await readProject(identifier, call, signal)
    if (project.kind === 'permanent')
      return wrong(
        `Redmine has no project "${identifier}" for Team ${teamId}, or the user of the key may not see it: create it, make the user a member, or correct PROACTIVE_HELPDESK_TEAMS`,
      )
    if (project.kind !== 'ok') return project
    const field = project.value.issue_custom_fields.find((candidate) => candidate.name === keyField)
    if (field === undefined)
      return wrong(
        `The project "${identifier}" lacks the issue custom field "${keyField}": add it there, for its tracker, used as a filter`,
      )
    fieldId ??= field.id
    projectIdByTeam.set(teamId, project.value.id)
  }
  if (fieldId === undefined) return wrong('No Team has a project: set PROACTIVE_HELPDESK_TEAMS')
  return {
    kind: 'ok',
    value: {
      fieldId,
      projectIdByTeam,
      teamByProjectId: new Map([...projectIdByTeam].map(([teamId, id]) => [id, teamId])),
      resolvedId,
      cancelledId,
      priorityIds: priorities.value.issue_priorities.map((priority) => priority.id),
    },
  }
}

async function readProject(identifier: string, call: Call, signal: AbortSignal) {
  const path = `projects/${encodeURIComponent(identifier)}.json?include=issue_custom_fields,trackers`
  const answer = understood(await call({ method: 'GET', path, signal }), projectAnswerSchema)
  return answer.kind === 'ok' ? { kind: 'ok' as const, value: answer.value.project } : answer
}

async function preflight(options: RedmineOptions, call: Call, signal: AbortSignal): Promise<string[]> {
  // A public Redmine takes an unknown key for nobody in particular and answers all the same.
  const me = await call({ method: 'GET', path: 'users/current.json', signal })
  if (me.kind !== 'ok') {
    const why = me.kind === 'permanent' ? me.message : me.reason
    return [`Redmine at ${options.url} does not work: ${why}.`]
  }
  const words = await readDictionary(options, call, signal)
  if (words.kind !== 'ok') {
    return words.kind === 'permanent'
      ? [`${words.message}.`]
      : [`Redmine at ${options.url} does not work: ${words.reason}.`]
  }
  // A filter that is none is ignored: the answer is then every issue there is.
  const path = `issues.json?cf_${words.value.fieldId}=px-preflight-no-such-key&status_id=*&limit=1`
  const nothingFound = understood(await call({ method: 'GET', path, signal }), pageSchema)
  return nothingFound.kind === 'ok' && nothingFound.value.total_count > 0
    ? ['The custom field of the key cannot be searched: set "Used as a filter" on it.']
    : []
}

function nothing(outcome: HelpdeskOutcome<TrackerAnswer>): HelpdeskOutcome<void> {
  return outcome.kind === 'ok' ? { kind: 'ok', value: undefined } : outcome
}

function wrong(message: string): HelpdeskOutcome<never> {
  return { kind: 'permanent', code: 'set-up', message }
}

function unmapped(teamId: string): HelpdeskOutcome<never> {
  return {
    kind: 'permanent',
    code: 'team-unmapped',
    message: `Team ${teamId} has no project: name one in PROACTIVE_HELPDESK_TEAMS`,
  }
}
