import {
  birthSchema,
  epochMs,
  observationSchema,
  parseTopic,
  safeParseTopic,
  shortText,
  statusSchema,
  telemetrySchema,
  topicToken,
  UsageError,
} from '@proactive/shared'
import { routingRuleSchema } from '@proactive/shared/http'
import { z } from 'zod'
import { createRepeatFilter } from './repeats.ts'
import { configSchema, firstComplaint, ingestEventSchema, type TimelineEntry } from './timeline.ts'

/** What the directory knows about the recorded Location: who is responsible for what. */
export interface RecordedDirectory {
  /** The most telling rule wins: product before role before the rule that names neither. */
  readonly routing: readonly {
    readonly team: string
    readonly product?: string | undefined
    readonly role?: string | undefined
  }[]
  /** Device id → name of its product. */
  readonly products: ReadonlyMap<string, string>
}

export interface Recording {
  readonly entries: readonly TimelineEntry[]
  readonly directory: RecordedDirectory
}

const directorySchema = z.strictObject({
  directory: z.strictObject({
    location: configSchema,
    routing: z
      .array(
        z.strictObject({
          team: shortText(120),
          product: shortText(120).optional(),
          role: shortText(40).optional(),
        }),
      )
      .max(200)
      .default([]),
    products: z.record(topicToken, shortText(120)).default({}),
  }),
})

/** Whether the cloud could hold this rule: of other roles it knows no rule. */
const isRule = ({ role }: { readonly role?: string | undefined }): boolean =>
  routingRuleSchema.shape.role.safeParse(role).success

const lineSchema = z.strictObject({
  atMs: epochMs,
  topic: z.string().max(200),
  payload: z.record(z.string(), z.unknown()),
})

/** Public address of a connection whose recording does not tell one (RFC 5737). */
const unknownAddress = '198.51.100.7'
const partition = 'recording'

/** A connection opens with the address it came from, which is the cloud's own word. */
const connectionSchema = statusSchema.extend({ remoteAddress: shortText(64).default(unknownAddress) })

/**
 * Reads a recording: one line of directory data, then one line `{atMs, topic, payload}` each; what the cloud had already is left out.
 * Format: `docs/recordings.md`.
 * @throws UsageError with the line's number and the first thing that is wrong.
 */
export function parseRecording(text: string): Recording {
  const entries: TimelineEntry[] = []
  const isNew = createRepeatFilter()
  let locationId = ''
  let directory: RecordedDirectory | undefined
  for (const [index, lineText] of text.split('\n').entries()) {
    if (lineText.trim() === '') continue
    const line = index + 1
    const value = parseJson(lineText, line)
    if (directory === undefined) {
      const { location, routing, products } = check(directorySchema, value, line, 'no directory').directory
      locationId = location.locationId
      directory = { routing: routing.filter(isRule), products: new Map(Object.entries(products)) }
      const config = location as Extract<IngestFact, { type: 'location-configured' }>['config']
      entries.push(factOf(line, 0, { type: 'location-configured', config }))
      continue
    }
    const { atMs, topic, payload } = check(lineSchema, value, line, 'no line of a recording')
    const before = entries.at(-1)
    if (before !== undefined && atMs < before.nowMs)
      throw new UsageError(
        `Line ${line} is older than line ${before.line}: a recording is in the cloud's order.`,
      )
    const of = locationOf(topic, line)
    if (of !== locationId)
      throw new UsageError(
        `Line ${line} is of Location "${of}", the directory of "${locationId}": a recording is of one Location.`,
      )
    const entry = entryOf(line, atMs, topic, payload)
    if (entry !== undefined && isNew(topic, payload)) entries.push(entry)
  }
  const [first, ...rest] = entries
  const begin = rest[0]
  if (directory === undefined || first === undefined || begin === undefined)
    throw new UsageError('The recording is empty: behind the line of the directory comes one line a message.')
  return { directory, entries: [{ ...first, nowMs: begin.nowMs }, ...rest] }
}

type IngestFact = Extract<TimelineEntry['event'], { from: 'ingest' }>['event']

function factOf(line: number, nowMs: number, event: IngestFact): TimelineEntry {
  return {
    line,
    nowMs,
    origin: { from: 'ingest', partition, offset: line },
    event: { from: 'ingest', event },
  }
}

/** Whose message it is. @throws UsageError where nobody would send it. */
function locationOf(topic: string, line: number): string {
  const [, ingested] = /^ingest\/([^/]+)$/.exec(topic) ?? []
  const locationId = ingested ?? safeParseTopic(topic)?.locationId
  if (locationId !== undefined) return locationId
  throw new UsageError(
    `Line ${line} has no topic "proactive/v1/<location>/<appliance>/<kind>" or "ingest/<location>": ${topic.slice(0, 80)}`,
  )
}

function entryOf(
  line: number,
  atMs: number,
  topic: string,
  payload: Readonly<Record<string, unknown>>,
): TimelineEntry | undefined {
  if (topic.startsWith('ingest/'))
    return factOf(
      line,
      atMs,
      check(ingestEventSchema, payload, line, 'no evidence of the ingest') as IngestFact,
    )
  const { applianceId, kind } = parseTopic(topic)
  const place = { line, nowMs: atMs }
  const ingestOrigin = { from: 'ingest', partition, offset: line } as const
  switch (kind) {
    case 'status': {
      const { online, reason, remoteAddress } = check(connectionSchema, payload, line, 'no status')
      const event = online
        ? ({ type: 'session-opened', applianceId, remoteAddress } as const)
        : ({ type: 'session-closed', applianceId, how: reason === undefined ? 'will' : 'goodbye' } as const)
      return factOf(line, atMs, event)
    }
    case 'birth': {
      const message = check(birthSchema, payload, line, 'no birth')
      return {
        ...place,
        origin: ingestOrigin,
        event: { from: 'appliance', applianceId, kind, message },
      } as TimelineEntry
    }
    case 'telemetry':
    case 'observation': {
      const schema = kind === 'telemetry' ? telemetrySchema : observationSchema
      const message = check<z.ZodType<{ bootEpoch: number; lane: 'live' | 'backlog'; seq: number }>>(
        schema as never,
        payload,
        line,
        `no ${kind}`,
      )
      const { bootEpoch, lane, seq } = message
      const origin = { from: 'appliance', applianceId, bootEpoch, lane, seq } as const
      return {
        ...place,
        origin,
        event: { from: 'appliance', applianceId, kind, message },
      } as unknown as TimelineEntry
    }
    default:
      // Commands, their results and the twin tell the fault core nothing.
      return undefined
  }
}

function parseJson(text: string, line: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`Line ${line} is no JSON: a recording has one object a line.`)
  }
}

function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  line: number,
  what: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new UsageError(`Line ${line} is ${what}: ${firstComplaint(value, parsed.error)}.`)
}

/** A timeline as a recording: the other way round, for whoever makes one. */
export function toRecording(
  entries: readonly Pick<TimelineEntry, 'nowMs' | 'event'>[],
  directory: {
    readonly routing: RecordedDirectory['routing']
    readonly products: Readonly<Record<string, string>>
  },
): string {
  const configured = entries.find(
    ({ event }) => event.from === 'ingest' && event.event.type === 'location-configured',
  )?.event
  const location =
    configured?.from === 'ingest' && configured.event.type === 'location-configured'
      ? configured.event.config
      : undefined
  if (location === undefined) throw new Error('a recording begins with a configured Location')
  const lines: unknown[] = [{ directory: { location, ...directory } }]
  for (const { nowMs: atMs, event } of entries) {
    if (event === configured) continue
    if (event.from === 'appliance') {
      const topic = `proactive/v1/${location.locationId}/${event.applianceId}/${event.kind}`
      lines.push({ atMs, topic, payload: event.message })
      continue
    }
    if (event.event.type === 'woke') continue
    lines.push({ atMs, topic: `ingest/${location.locationId}`, payload: event.event })
  }
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`
}
