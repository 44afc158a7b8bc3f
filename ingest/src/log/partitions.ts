/** How many partitions Locations are spread over. Fixed for ever: a Location's history lives in one. */
export const locationPartitionCount = 16

/** Location id under which entries about the whole fleet are appended. */
export const fleetScope = 'fleet'

/** `p00` … `p15` and `fleet`. */
export const partitions: readonly string[] = [
  ...Array.from({ length: locationPartitionCount }, (_, index) => `p${String(index).padStart(2, '0')}`),
  fleetScope,
]

/** Index into {@link partitions} of a Location: FNV-1a (32 bit) of its id, so every program and engine agrees. */
export function partitionIndexOf(locationId: string): number {
  if (locationId === fleetScope) return locationPartitionCount
  let hash = 0x811c9dc5
  for (let index = 0; index < locationId.length; index++) {
    hash = Math.imul(hash ^ locationId.charCodeAt(index), 0x01000193)
  }
  return (hash >>> 0) % locationPartitionCount
}
