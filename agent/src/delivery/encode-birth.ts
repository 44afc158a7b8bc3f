import type { Birth } from '@proactive/shared'
import { encode, maxInflatedBytes, maxPayloadBytes } from '@proactive/shared/codec'
import { createBirthBudget, deviceByteCaps } from '../core/birth-budget.ts'

/** Room for what travels beside the payload in the packet (topic, headers). */
const packetRoomBytes = 4_096

/** A birth's payload, within the caps of whoever reads it, and how many facts of evidence had to stay behind. */
export function encodeBirth(birth: Birth): { readonly payload: Uint8Array; readonly trimmed: number } {
  const budget = createBirthBudget(birth)
  let last: { readonly payload: Uint8Array; readonly trimmed: number } | undefined
  for (const capBytes of deviceByteCaps) {
    if (capBytes !== 0 && budget.bytesAt(capBytes) > maxInflatedBytes) continue
    const { birth: fitted, trimmed } = budget.fit(capBytes)
    last = { payload: encode('birth', fitted), trimmed }
    if (last.payload.length <= maxPayloadBytes - packetRoomBytes) break
  }
  return last ?? { payload: encode('birth', { ...birth, devices: [] }), trimmed: 0 }
}
