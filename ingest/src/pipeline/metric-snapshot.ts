import { ContractError } from '@proactive/shared'
import { z } from 'zod'
import type { SubjectByAlias } from '../metrics/points.ts'
import { type HighWater, restoreHighWater, storeHighWater } from './high-water.ts'

/** What the log keeps of an appliance for its metrics: what its aliases stand for, and what was taken already. */
export interface MetricSnapshot {
  subjects: SubjectByAlias
  readonly highWater: HighWater
}

const snapshotSchema = z.strictObject({
  v: z.literal(1),
  subjects: z.array(z.tuple([z.number(), z.string(), z.string()])),
  highWater: z.array(z.tuple([z.number(), z.number(), z.number()])),
})

/** Bytes of a snapshot; {@link decodeMetricSnapshot} reads them. */
export function encodeMetricSnapshot({ subjects, highWater }: MetricSnapshot): Uint8Array {
  const rows = [...subjects].map(([alias, { id, kind }]) => [alias, id, kind])
  return Buffer.from(JSON.stringify({ v: 1, subjects: rows, highWater: storeHighWater(highWater) }))
}

/** @throws ContractError where the bytes are no snapshot of this version. */
export function decodeMetricSnapshot(bytes: Uint8Array): MetricSnapshot {
  try {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
    const { subjects, highWater } = snapshotSchema.parse(JSON.parse(text))
    return {
      subjects: new Map(subjects.map(([alias, id, kind]) => [alias, { id, kind }])),
      highWater: restoreHighWater(highWater),
    }
  } catch (cause) {
    throw new ContractError('schema-invalid', 'the log holds metric states that this program cannot read', {
      cause,
    })
  }
}
