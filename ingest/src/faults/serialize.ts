import { type Attachment, ContractError, deviceRoles } from '@proactive/shared'
import { z } from 'zod'
import { seasonCount } from './baseline.ts'
import { type HabitFacts, newHabit } from './habit.ts'
import { takeStock } from './inventory.ts'
import { describePaths, type PathFacts } from './quality.ts'
import {
  type ApplianceFacts,
  type Cue,
  conditionKinds,
  type DeviceFacts,
  describeDevices,
  emptyState,
  type LocationState,
  newDeviceFacts,
  noEvidence,
} from './state.ts'

/** Version of the stored state; another one is refused, never guessed at. */
const version = 1

const standings = ['good', 'bad', 'unknown'] as const
const time = z.number().min(0)
const maybe = z.union([z.string(), z.literal(0)])

/** A cue as a row: order, log time, spent, and its place as of the evidence's origin; of the live lane of the appliance's newest start the sequence is enough. */
const cueRowSchema = z.union([
  z.tuple([z.int(), time, z.int(), z.int()]),
  z.tuple([z.int(), time, z.int(), z.string(), z.int()]),
  z.tuple([z.int(), time, z.int(), z.string(), z.int(), z.string(), z.int()]),
])
type CueRow = z.infer<typeof cueRowSchema>

/** When it is usually there: week, mornings, sleeps, longest sleep; 0 = nothing learned. */
const habitRowSchema = z.union([z.tuple([z.string(), z.int(), z.int(), time]), z.literal(0)])
type HabitRow = z.infer<typeof habitRowSchema>

/** What it hangs on, and on which port; 0 = not known. */
const attachmentRowSchema = z.union([z.tuple([z.string(), z.int().optional()]), z.literal(0)])
type AttachmentRow = z.infer<typeof attachmentRowSchema>

/** One device as a row, names said once by their place: 50 devices fit into 20 kB. 0 stands for what is absent. */
const deviceRowSchema = z.tuple([
  z.int(),
  z.string(),
  z.enum(deviceRoles),
  maybe,
  maybe,
  maybe,
  maybe,
  maybe,
  z.number(),
  z.array(z.string()),
  z.array(z.string()),
  z.int(),
  time,
  z.enum(standings),
  time,
  time,
  z.int(),
  z.string(),
  z.union([z.literal('good'), z.literal('bad'), z.literal(0)]),
  time,
  z.union([cueRowSchema, z.literal(0)]),
  habitRowSchema.optional(),
  attachmentRowSchema.optional(),
])
type DeviceRow = z.infer<typeof deviceRowSchema>

/** One path as a row: kind, subject, and the numbers of its baseline in their order, seasons last. */
const pathRowSchema = z.tuple([
  z.enum(['line', 'dns', 'paypath']),
  z.string(),
  z.int(),
  z.int(),
  z.int(),
  z.int(),
  z.int(),
  z.int(),
  z.array(z.int()).length(seasonCount),
])
type PathRow = z.infer<typeof pathRowSchema>

/** What a state must have to be ours. The rest was written by {@link stateBytes} from checked input. */
const frameSchema = z.looseObject({
  v: z.literal(version),
  locationId: z.string(),
  nowMs: time,
  order: z.int(),
  probeCount: z.int(),
  session: z.looseObject({ isOpen: z.boolean(), how: z.string() }),
  devices: z.array(deviceRowSchema),
  paths: z.array(pathRowSchema).default([]),
  conditions: z.array(z.looseObject({ kind: z.enum(conditionKinds), subject: z.string() })),
  probes: z.array(z.looseObject({ id: z.string() })),
  incidents: z.array(z.looseObject({ key: z.string() })),
})

const unheld = { heldBy: null, heldUntilMs: 0 } as const

/** The state as versioned JSON. */
export function stateBytes(state: LocationState): Uint8Array {
  const {
    deviceById: _byId,
    deviceByAlias: _byAlias,
    isCalm: _isCalm,
    probeTag: _tag,
    routerAlias: _alias,
    pathByAlias: _paths,
    season: _season,
    clock: _clock,
    paths,
    devices,
    ...rest
  } = state
  return new TextEncoder().encode(
    JSON.stringify({
      v: version,
      ...rest,
      paths: paths.map(toPathRow),
      devices: devices.map((facts) => toRow(facts, rest.appliance)),
    }),
  )
}

/** @throws ContractError where the bytes are no state of this version. */
export function parseState(bytes: Uint8Array): LocationState {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new ContractError('json-invalid', 'the stored state of a Location is no JSON', { cause })
  }
  const isOther = typeof value === 'object' && value !== null && 'v' in value && value.v !== version
  if (isOther) throw new ContractError('version-unsupported', `the stored state has not version ${version}`)
  const frame = frameSchema.safeParse(value)
  if (!frame.success)
    throw new ContractError('schema-invalid', 'the stored state of a Location is not as written', {
      cause: frame.error,
    })
  // The frame was checked; what it holds was written by us from parsed messages, and keeps the order it was written in.
  const { v: _v, ...stored } = value as { v: number } & Omit<LocationState, 'devices'>
  const owned: LocationState = {
    ...emptyState(frame.data.locationId),
    ...stored,
    devices: frame.data.devices.map((row) => fromRow(row, stored.appliance)),
    paths: frame.data.paths.map(fromPathRow),
    // What was stored before planned work was known.
    incidents: stored.incidents.map((incident) =>
      'heldBy' in incident ? incident : Object.assign(incident, unheld),
    ),
  }
  describeDevices(owned)
  describePaths(owned)
  takeStock(owned)
  return owned
}

function toPathRow({ kind, subject, baseline }: PathFacts): PathRow {
  const { learnedSeconds, usual, bare, spread, fastMs, slowMs, seasons } = baseline
  return [kind, subject, learnedSeconds, usual, bare, spread, fastMs, slowMs, seasons]
}

function fromPathRow(row: PathRow): PathFacts {
  const [kind, subject, learnedSeconds, usual, bare, spread, fastMs, slowMs, seasons] = row
  return { kind, subject, baseline: { learnedSeconds, usual, bare, spread, fastMs, slowMs, seasons } }
}

function toRow(facts: DeviceFacts, appliance: ApplianceFacts | null): DeviceRow {
  const { device, cue } = facts
  const flags = (device.isSleeper ? 1 : 0) + (device.isGateway ? 2 : 0) + (facts.isFresh ? 4 : 0)
  return [
    device.alias,
    device.id,
    device.role,
    device.name ?? 0,
    device.vendor ?? 0,
    device.model ?? 0,
    device.version ?? 0,
    device.serial ?? 0,
    device.confidence,
    device.ips,
    device.macs,
    flags,
    device.firstSeenMs,
    facts.state,
    facts.sinceMs,
    facts.seenMs,
    facts.emptyBatches,
    facts.evidence,
    facts.claim ?? 0,
    facts.claimSinceMs,
    cue === null ? 0 : toCueRow(cue, appliance),
    toHabitRow(facts.habit),
    toAttachmentRow(device.attachedTo),
  ]
}

function toAttachmentRow(attachment: Attachment | undefined): AttachmentRow {
  if (attachment === undefined) return 0
  const { deviceId, port } = attachment
  return port === undefined ? [deviceId] : [deviceId, port]
}

function fromAttachmentRow(row: AttachmentRow): { attachedTo?: Attachment } {
  if (row === 0) return {}
  const [deviceId, port] = row
  return { attachedTo: { deviceId, ...(port === undefined ? {} : { port }) } }
}

function fromRow(row: DeviceRow, appliance: ApplianceFacts | null): DeviceFacts {
  const [alias, id, role, name, vendor, model, softwareVersion, serial, confidence, ips, macs, flags] = row
  const [, , , , , , , , , , , , firstSeenMs, state, sinceMs, seenMs, emptyBatches, evidence, claim] = row
  const device = {
    alias,
    id,
    role,
    ...(name === 0 ? {} : { name }),
    ...(vendor === 0 ? {} : { vendor }),
    ...(model === 0 ? {} : { model }),
    ...(softwareVersion === 0 ? {} : { version: softwareVersion }),
    ...(serial === 0 ? {} : { serial }),
    confidence,
    ips,
    macs,
    isSleeper: (flags & 1) !== 0,
    isGateway: (flags & 2) !== 0,
    firstSeenMs,
    ...fromAttachmentRow(row[22] ?? 0),
    evidence: noEvidence,
  }
  return {
    ...newDeviceFacts(device),
    state,
    sinceMs,
    isFresh: (flags & 4) !== 0,
    claim: claim === 0 ? null : claim,
    claimSinceMs: row[19],
    cue: row[20] === 0 ? null : fromCueRow(row[20], appliance),
    evidence,
    seenMs,
    emptyBatches,
    habit: fromHabitRow(row[21] ?? 0),
  }
}

function toHabitRow({ week, mornings, sleeps, longestSleepMs }: HabitFacts): HabitRow {
  if (week === '' && mornings === 1 && sleeps === 0) return 0
  return [week, mornings, sleeps, longestSleepMs]
}

function fromHabitRow(row: HabitRow): HabitFacts {
  if (row === 0) return newHabit()
  const [week, mornings, sleeps, longestSleepMs] = row
  return { week, mornings, sleeps, longestSleepMs }
}

function toCueRow({ origin, order, loggedAtMs, isSpent }: Cue, appliance: ApplianceFacts | null): CueRow {
  const spent = isSpent ? 1 : 0
  const isOfThisStart =
    origin.from === 'appliance' &&
    origin.lane === 'live' &&
    origin.applianceId === appliance?.id &&
    origin.bootEpoch === appliance.bootEpoch
  if (isOfThisStart) return [order, loggedAtMs, spent, origin.seq]
  return origin.from === 'ingest'
    ? [order, loggedAtMs, spent, origin.partition, origin.offset]
    : [order, loggedAtMs, spent, origin.applianceId, origin.bootEpoch, origin.lane, origin.seq]
}

function fromCueRow(row: CueRow, appliance: ApplianceFacts | null): Cue {
  if (row.length === 4) {
    const [order, loggedAtMs, spent, seq] = row
    const { id = '', bootEpoch = 0 } = appliance ?? {}
    const origin = { from: 'appliance', applianceId: id, bootEpoch, lane: 'live', seq } as const
    return { origin, order, loggedAtMs, isSpent: spent === 1 }
  }
  const [order, loggedAtMs, spent, place, number] = row
  const origin =
    row.length === 5
      ? ({ from: 'ingest', partition: place, offset: number } as const)
      : ({ from: 'appliance', applianceId: place, bootEpoch: number, lane: row[5], seq: row[6] } as const)
  return { origin, order, loggedAtMs, isSpent: spent === 1 }
}
