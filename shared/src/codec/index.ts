import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { z } from 'zod'
import { ContractError } from '../errors.ts'
import type { TopicKind } from '../topics.ts'
import { birthSchema } from '../wire/birth.ts'
import { commandSchema, resultSchema } from '../wire/command.ts'
import { observationSchema } from '../wire/observation.ts'
import { seenSchema } from '../wire/seen.ts'
import { statusSchema } from '../wire/status.ts'
import { telemetrySchema } from '../wire/telemetry.ts'
import { desiredSchema, reportedSchema } from '../wire/twin.ts'
import { dictionary } from './dictionary.ts'
import { packTelemetry, unpackTelemetry } from './telemetry-shape.ts'

export { type SealPurpose, seal, unseal } from './sealed.ts'

/** Largest payload on the wire, codec byte included; the gateway refuses longer packets before they are buffered. */
export const maxPayloadBytes = 256 * 1024
/** Largest inflated payload: a deflate bomb ends here (design: cap 1 MiB). */
export const maxInflatedBytes = 1024 * 1024

/** First byte of every payload. Later codecs (CBOR, another dictionary) get the next number; old ones stay readable for a release. */
const codecs = { json: 0x00, deflateDictionary1: 0x01 } as const

const schemas = {
  status: statusSchema,
  birth: birthSchema,
  telemetry: telemetrySchema,
  observation: observationSchema,
  desired: desiredSchema,
  reported: reportedSchema,
  command: commandSchema,
  seen: seenSchema,
  result: resultSchema,
} satisfies Record<TopicKind, z.ZodType>

/** Topic kind → the message that travels under it. */
export type MessageOf = { readonly [K in TopicKind]: z.infer<(typeof schemas)[K]> }

/** The bytes of a message: codec byte, then its compact JSON, raw-deflated with the preset dictionary (RFC 1951). The message is trusted, not checked. */
export function encode<K extends TopicKind>(kind: K, message: MessageOf[K]): Uint8Array {
  const shape = kind === 'telemetry' ? packTelemetry(message as MessageOf['telemetry']) : message
  const deflated = deflateRawSync(Buffer.from(JSON.stringify(shape)), {
    dictionary,
    level: constants.Z_BEST_COMPRESSION,
  })
  const bytes = new Uint8Array(deflated.length + 1)
  bytes[0] = codecs.deflateDictionary1
  bytes.set(deflated, 1)
  return bytes
}

/**
 * The message behind received bytes, checked against its schema.
 * @throws ContractError and nothing else, whatever the bytes; sizes are capped before anything is parsed.
 */
export function decode<K extends TopicKind>(kind: K, bytes: Uint8Array): MessageOf[K] {
  const value = parseJson(inflate(bytes))
  const version = messageVersion(kind, value)
  if (typeof version === 'number' && version !== 1) {
    throw new ContractError('version-unsupported', `${kind}: version ${version} is not understood here`)
  }
  const parsed = schemas[kind].safeParse(kind === 'telemetry' ? unpackTelemetry(value) : value)
  if (parsed.success) return parsed.data as MessageOf[K]
  const issue = parsed.error.issues[0]
  const path = issue === undefined ? '' : issue.path.slice(0, 6).map(String).join('.').slice(0, 80)
  throw new ContractError(
    'schema-invalid',
    `${kind}: ${path || 'message'}: ${(issue?.message ?? 'invalid').slice(0, 160)}`,
  )
}

function inflate(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) throw new ContractError('payload-empty', 'empty payload')
  if (bytes.length > maxPayloadBytes)
    throw new ContractError('payload-too-large', `${bytes.length} bytes, at most ${maxPayloadBytes}`)
  const body = bytes.subarray(1)
  if (bytes[0] === codecs.json) return body
  if (bytes[0] !== codecs.deflateDictionary1)
    throw new ContractError('codec-unknown', `codec byte ${bytes[0]}`)
  try {
    return inflateRawSync(body, { dictionary, maxOutputLength: maxInflatedBytes })
  } catch (cause) {
    const isBomb =
      cause instanceof RangeError || (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    throw new ContractError(
      isBomb ? 'payload-too-large' : 'inflate-failed',
      isBomb ? `inflates beyond ${maxInflatedBytes} bytes` : 'not a deflate stream',
      { cause },
    )
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (cause) {
    throw new ContractError('json-invalid', 'not JSON text in UTF-8', { cause })
  }
}

/** The version a message claims, to tell "too new" from "broken": telemetry carries it first, others as `v`. */
function messageVersion(kind: TopicKind, value: unknown): unknown {
  if (kind === 'telemetry') return Array.isArray(value) ? value[0] : undefined
  return typeof value === 'object' && value !== null && 'v' in value ? value.v : undefined
}
