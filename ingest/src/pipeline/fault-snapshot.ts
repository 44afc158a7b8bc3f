import { ContractError } from '@proactive/shared'
import { z } from 'zod'
import { type HighWater, restoreHighWater, storeHighWater } from './high-water.ts'

/** What the log keeps of a Location for the fault core: its state, and what of each appliance it has taken already. */
export interface FaultSnapshot {
  readonly core: Uint8Array
  readonly highWaterByApplianceId: ReadonlyMap<string, HighWater>
}

const headSchema = z.strictObject({
  v: z.literal(1),
  highWater: z.array(z.tuple([z.string(), z.array(z.tuple([z.number(), z.number(), z.number()]))])),
})
const lengthBytes = 4

/** Bytes of a snapshot: length of the head (32 bit), the head as JSON, then the core's own bytes. */
export function encodeFaultSnapshot({ core, highWaterByApplianceId }: FaultSnapshot): Uint8Array {
  const highWater = [...highWaterByApplianceId].map(([id, marks]) => [id, storeHighWater(marks)])
  const head = Buffer.from(JSON.stringify({ v: 1, highWater }))
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32BE(head.length)
  return Buffer.concat([length, head, core])
}

/** @throws ContractError where the bytes are no snapshot of this version. */
export function decodeFaultSnapshot(bytes: Uint8Array): FaultSnapshot {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  try {
    const headEnd = lengthBytes + whole.readUInt32BE(0)
    const { highWater } = headSchema.parse(JSON.parse(whole.subarray(lengthBytes, headEnd).toString()))
    return {
      core: whole.subarray(headEnd),
      highWaterByApplianceId: new Map(highWater.map(([id, stored]) => [id, restoreHighWater(stored)])),
    }
  } catch (cause) {
    throw new ContractError(
      'schema-invalid',
      'the log holds a snapshot of a Location that this program cannot read',
      {
        cause,
      },
    )
  }
}
