import {
  birthSchema,
  deviceRoleSchema,
  type EvidenceOrigin,
  epochMs,
  faultClassSchema,
  observationSchema,
  shortText,
  telemetrySchema,
  topicToken,
  UsageError,
} from '@proactive/shared'
import { calendarSchema, maintenanceScheduleSchema } from '@proactive/shared/http'
import { z } from 'zod'
import type { FaultEvent } from '../../ingest/src/faults/index.ts'

/** One line of a recorded timeline: what the log held, where, and when it was stamped. */
export interface TimelineEntry {
  readonly line: number
  readonly nowMs: number
  readonly origin: EvidenceOrigin
  readonly event: FaultEvent
}

/** Longest line: a birth of a /22 full of devices, and room. */
const maxLineLength = 8 * 2 ** 20

const originSchema = z.discriminatedUnion('from', [
  z.strictObject({
    from: z.literal('appliance'),
    applianceId: topicToken,
    bootEpoch: z.int().min(0),
    lane: shortText(16),
    seq: z.int().min(0),
  }),
  z.strictObject({ from: z.literal('ingest'), partition: shortText(16), offset: z.int().min(0) }),
])

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }) !== undefined
  } catch {
    return false
  }
}

export const configSchema = z.strictObject({
  locationId: topicToken,
  name: shortText(120),
  timeZone: shortText(60).refine(isTimeZone, { message: 'no IANA time zone, such as Europe/Berlin' }),
  calendar: calendarSchema,
  devices: z.record(
    topicToken,
    z.strictObject({
      role: deviceRoleSchema.optional(),
      name: shortText(80).optional(),
      isSleeper: z.boolean().optional(),
      isRetired: z.boolean().optional(),
    }),
  ),
  hasBackupUplink: z.boolean(),
  region: shortText(80).optional(),
  maintenance: z
    .array(
      z.strictObject({
        id: topicToken,
        deviceId: topicToken.optional(),
        schedule: maintenanceScheduleSchema,
      }),
    )
    .max(200)
    .optional(),
  silences: z
    .array(
      z.strictObject({
        id: topicToken,
        deviceId: topicToken.optional(),
        faultClass: faultClassSchema.optional(),
        fromMs: epochMs,
        untilMs: epochMs,
      }),
    )
    .max(200)
    .optional(),
})

export const ingestEventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('session-opened'),
    applianceId: topicToken,
    remoteAddress: shortText(64),
  }),
  z.strictObject({
    type: z.literal('session-closed'),
    applianceId: topicToken,
    how: z.enum(['goodbye', 'will', 'gateway-lost']),
  }),
  z.strictObject({
    type: z.literal('probe-answered'),
    probeId: shortText(64),
    deviceId: topicToken,
    answer: z.enum(['reply', 'silent', 'unavailable']),
  }),
  z.strictObject({ type: z.literal('location-configured'), config: configSchema }),
  z.strictObject({ type: z.literal('location-removed') }),
  z.strictObject({ type: z.literal('woke') }),
  z.strictObject({
    type: z.literal('fleet-judged'),
    parent: z
      .strictObject({
        key: shortText(60),
        faultClass: faultClassSchema,
        headline: shortText(240),
        isOpen: z.boolean().optional(),
      })
      .nullable(),
  }),
])

const fromAppliance = { from: z.literal('appliance'), applianceId: topicToken }
const eventSchema = z.union([
  z.strictObject({ from: z.literal('ingest'), event: ingestEventSchema }),
  z.strictObject({ ...fromAppliance, kind: z.literal('birth'), message: birthSchema }),
  z.strictObject({ ...fromAppliance, kind: z.literal('telemetry'), message: telemetrySchema }),
  z.strictObject({ ...fromAppliance, kind: z.literal('observation'), message: observationSchema }),
])

const entrySchema = z.strictObject({ nowMs: epochMs, origin: originSchema, event: eventSchema })

/**
 * Reads one line of a timeline.
 * @throws UsageError with the line's number and the first thing that is wrong.
 */
export function parseEntry(text: string, line: number): TimelineEntry {
  if (text.length > maxLineLength)
    throw new UsageError(
      `Line ${line} is longer than ${maxLineLength / 2 ** 20} MiB: a timeline has one event per line.`,
    )
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UsageError(
      `Line ${line} is no JSON: a timeline has one object {nowMs, origin, event} per line.`,
    )
  }
  const entry = entrySchema.safeParse(value)
  if (!entry.success)
    throw new UsageError(`Line ${line} is no event of a timeline: ${firstComplaint(value, entry.error)}.`)
  // The schemas leave optional parts open as undefined, which JSON cannot hold.
  return { line, ...entry.data } as TimelineEntry
}

/** The most telling complaint: a union alone only says "invalid input". */
export function firstComplaint(value: unknown, error: z.ZodError): string {
  const issue = deepest(error.issues)
  const path = issue.path.length > 0 ? issue.path.join('.') : undefined
  const isMissing = typeof value !== 'object' || value === null
  return isMissing ? 'it is no object' : `${path === undefined ? '' : `${path}: `}${issue.message}`
}

interface Complaint {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

function deepest(issues: readonly z.core.$ZodIssue[], prefix: readonly PropertyKey[] = []): Complaint {
  let best: Complaint = { path: prefix, message: 'it is not as written' }
  for (const issue of issues) {
    const path = [...prefix, ...issue.path]
    const inner =
      issue.code === 'invalid_union'
        ? issue.errors.map((errors) => deepest(errors, path)).sort((a, b) => b.path.length - a.path.length)[0]
        : undefined
    const own = inner ?? { path, message: wordsOf(issue) }
    if (own.path.length > best.path.length || best.message === 'it is not as written') best = own
  }
  return best
}

/** In words for whoever wrote the file: what is not there is missing, not "undefined". */
function wordsOf({ message }: z.core.$ZodIssue): string {
  if (message.endsWith(', received undefined')) return 'it is missing'
  return message.replace(/^Invalid input: expected record\b/, 'Invalid input: expected object')
}

/** Reads a whole timeline; empty lines are skipped. @throws UsageError where a line is wrong or time runs backwards. */
export function parseTimeline(text: string): TimelineEntry[] {
  const entries: TimelineEntry[] = []
  for (const [index, lineText] of text.split('\n').entries()) {
    if (lineText.trim() === '') continue
    const entry = parseEntry(lineText, index + 1)
    const before = entries.at(-1)
    if (before !== undefined && entry.nowMs < before.nowMs)
      throw new UsageError(
        `Line ${entry.line} is older than line ${before.line}: a timeline is in the log's order.`,
      )
    entries.push(entry)
  }
  if (entries.length === 0) throw new UsageError('The timeline is empty: it has one event per line.')
  return entries
}
