import type { Birth, Device, DeviceEvidence } from '@proactive/shared'

/**
 * A birth must pass the codec's caps whatever devices say about themselves, else the connection would begin anew for ever. Devices that
 * are small enough are left alone; those that talk most lose evidence first, the longest first, and their own words last.
 */
export interface BirthBudget {
  /** The birth with each device cut to at most so many bytes of JSON, as far as its identity allows; what rows depend on is not touched. */
  fit(capBytes: number): { readonly birth: Birth; readonly trimmed: number }
  /** At most so many bytes of JSON the birth has at that cap, 0 = every device bare. */
  bytesAt(capBytes: number): number
}

/** Bytes a device may take, from generous to bare. */
export const deviceByteCaps = [4_096, 2_048, 1_024, 768, 512, 0] as const

/** Measures each device once. */
export function createBirthBudget(birth: Birth): BirthBudget {
  const sized = birth.devices.map((device) => ({ device, bytes: sizeOf(device) }))
  const headBytes = sizeOf({ ...birth, devices: [] })
  return {
    bytesAt: (capBytes) => sized.reduce((sum, { bytes }) => sum + Math.min(bytes, capBytes) + 1, headBytes),
    fit(capBytes) {
      let trimmed = 0
      const devices = sized.map(({ device, bytes }) => {
        if (bytes <= capBytes) return device
        const fitted = fitDevice(device, bytes, capBytes)
        trimmed += device.evidence.length - fitted.evidence.length
        return fitted
      })
      return { birth: { ...birth, devices }, trimmed }
    },
  }
}

function fitDevice(device: Device, ownBytes: number, capBytes: number): Device {
  let bytes = ownBytes
  const left = new Set<DeviceEvidence>(device.evidence)
  const longestFirst = device.evidence
    .map((one) => ({ one, size: sizeOf(one) + 1 }))
    .sort((a, b) => b.size - a.size)
  for (const { one, size } of longestFirst) {
    if (bytes <= capBytes) break
    left.delete(one)
    bytes -= size
  }
  const evidence = device.evidence.filter((one) => left.has(one))
  if (bytes <= capBytes) return { ...device, evidence }
  const { name, vendor, model, version, serial, ...bare } = device
  // What a technician looks for first comes back as far as there is room.
  let room = capBytes - sizeOf({ ...bare, evidence })
  let fitted: Device = { ...bare, evidence }
  for (const [key, value] of Object.entries({ name, model, vendor, serial, version })) {
    if (value === undefined) continue
    const size = sizeOf({ [key]: value })
    if (size > room) continue
    fitted = { ...fitted, [key]: value }
    room -= size
  }
  return fitted
}

/** Bytes of the JSON text in UTF-8. */
function sizeOf(value: unknown): number {
  const text = JSON.stringify(value)
  let bytes = text.length
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) bytes++
    // Half of a pair is two bytes of its four.
    if (code > 0x7ff && (code < 0xd800 || code > 0xdfff)) bytes++
  }
  return bytes
}
