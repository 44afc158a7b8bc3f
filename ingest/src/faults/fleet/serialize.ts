import { ContractError, faultClassSchema } from '@proactive/shared'
import { z } from 'zod'
import { emptyFleet, enlist } from './fleet-state.ts'
import type { FleetState, Member, Parent } from './model.ts'

/** Version of the stored form; another one is refused, never guessed at. */
const version = 1
const wholeKey = 'fleet'
const memberPrefix = 'm/'
const time = z.number().min(0)

const wholeSchema = z.strictObject({
  v: z.literal(version),
  nowMs: time,
  parents: z.array(z.looseObject({ key: z.string(), group: z.string(), state: z.string() })),
  aloneCount: z.number(),
  locationDays: z.number(),
  wakeAtMs: time.nullable(),
})

const troubleKind = z.enum(['dark', 'wan', 'processor'])

const memberSchema = z.strictObject({
  v: z.literal(version),
  locationId: z.string(),
  name: z.string(),
  timeZone: z.string(),
  groups: z.array(z.string()),
  trouble: z
    .strictObject({
      kind: troubleKind,
      subject: z.string(),
      sinceMs: time,
      isDue: z.boolean(),
    })
    .nullable(),
  toldAtMs: time,
  offset: z.number(),
  parentKey: z.string().nullable(),
  episode: z
    .strictObject({
      kind: troubleKind,
      subject: z.string(),
      hasSecondWayOut: z.boolean(),
      hindsight: faultClassSchema.nullable(),
      knownAtMs: time,
    })
    .optional(),
  stake: z.strictObject({ ownerId: z.string().nullable(), organizationIds: z.array(z.string()) }).optional(),
})

/**
 * What changed since the last call, as entries to be stored: the whole under one key, each Location under its own, so that a commit does not
 * write a hundred thousand Locations. null removes.
 */
export function fleetEntries(state: FleetState): Map<string, Uint8Array | null> {
  const entries = new Map<string, Uint8Array | null>()
  const { nowMs, parents, aloneCount, locationDays, wakeAtMs } = state
  entries.set(wholeKey, bytesOf({ v: version, nowMs, parents, aloneCount, locationDays, wakeAtMs }))
  for (const id of state.dirtyMembers) {
    const member = state.members.get(id)
    entries.set(`${memberPrefix}${id}`, member === undefined ? null : bytesOf({ v: version, ...member }))
  }
  state.dirtyMembers.clear()
  return entries
}

/** The state behind stored entries, whatever their order. @throws ContractError where one is none of this version. */
export function restoreFleet(entries: Iterable<readonly [string, Uint8Array]>): FleetState {
  const state = emptyFleet()
  for (const [key, bytes] of entries) {
    const value = parse(bytes)
    if (key === wholeKey) {
      const { v: _v, parents, ...whole } = check(wholeSchema, value)
      Object.assign(state, whole)
      // The frame was checked; what it holds was written by us.
      state.parents = parents as unknown as Parent[]
    } else if (key.startsWith(memberPrefix)) {
      const { v: _v, ...member } = check(memberSchema, value)
      enlist(state, member as Member)
    }
  }
  return state
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new ContractError('json-invalid', 'the stored state of the fleet is no JSON', { cause })
  }
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (!parsed.success)
    throw new ContractError('schema-invalid', 'the stored state of the fleet is not as written', {
      cause: parsed.error,
    })
  return parsed.data
}
