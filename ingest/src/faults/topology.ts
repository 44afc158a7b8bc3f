import type { DeviceFacts, LocationState } from './state.ts'

/** What others can hang on, beside the router. */
function isBridge({ role, isRetired }: DeviceFacts): boolean {
  return (role === 'switch' || role === 'access-point') && !isRetired
}

/** The switch or access point that a device is known to hang on; undefined = nobody could tell, which inhibits nothing. */
export function parentOf(state: LocationState, { device }: DeviceFacts): DeviceFacts | undefined {
  const parent =
    device.attachedTo === undefined ? undefined : state.deviceById.get(device.attachedTo.deviceId)
  return parent === undefined || !isBridge(parent) || parent.device.id === device.id ? undefined : parent
}

/** Whether anything is known to hang on it. */
export function isParent(state: LocationState, { device }: DeviceFacts): boolean {
  return state.devices.some((facts) => facts.device.attachedTo?.deviceId === device.id)
}

/** The farthest silent switch on an unbroken row of silent ones above a silent device; the device itself where the one above it answers or is not known. */
export function silentRootOf(state: LocationState, facts: DeviceFacts): DeviceFacts {
  const passed = new Set([facts])
  let root = facts
  for (;;) {
    const parent = parentOf(state, root)
    // Tables that contradict each other may go round in a circle.
    if (parent === undefined || parent.state !== 'bad' || passed.has(parent)) return root
    passed.add(parent)
    root = parent
  }
}
