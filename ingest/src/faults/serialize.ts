import { ContractError } from '@proactive/shared'
import { z } from 'zod'
import { conditionKinds, emptyState, indexDevices, type LocationState } from './state.ts'

/** Version of the stored state; another one is refused, never guessed at. */
const version = 1

/** What a state must have to be ours. Its parts were written by {@link stateBytes} from checked input, so only the frame is checked. */
const frameSchema = z.looseObject({
  v: z.literal(version),
  locationId: z.string(),
  nowMs: z.number(),
  order: z.int(),
  probeCount: z.int(),
  session: z.looseObject({ isOpen: z.boolean(), how: z.string() }),
  devices: z.array(z.looseObject({ device: z.looseObject({ id: z.string(), alias: z.int() }) })),
  conditions: z.array(z.looseObject({ kind: z.enum(conditionKinds), subject: z.string() })),
  probes: z.array(z.looseObject({ id: z.string() })),
  incidents: z.array(z.looseObject({ key: z.string() })),
})

/** The state as versioned JSON: what is unknown or empty is left out. */
export function stateBytes(state: LocationState): Uint8Array {
  const { deviceById: _byId, deviceByAlias: _byAlias, devices, ...rest } = state
  const brief = devices.map((facts) => {
    const { cue, claim, claimSinceMs, emptyBatches, evidence, ...kept } = facts
    return {
      ...kept,
      ...(cue === null ? {} : { cue }),
      ...(claim === null ? {} : { claim, claimSinceMs }),
      ...(emptyBatches === 0 ? {} : { emptyBatches }),
      ...(evidence === '' ? {} : { evidence }),
    }
  })
  return new TextEncoder().encode(JSON.stringify({ v: version, ...rest, devices: brief }))
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
  const { v: _v, ...stored } = frame.data
  const state = { ...emptyState(stored.locationId), ...stored } as unknown as LocationState
  state.devices = state.devices.map((facts) => ({
    ...facts,
    cue: facts.cue ?? null,
    claim: facts.claim ?? null,
    claimSinceMs: facts.claimSinceMs ?? 0,
    emptyBatches: facts.emptyBatches ?? 0,
    evidence: facts.evidence ?? '',
  }))
  indexDevices(state)
  return state
}
